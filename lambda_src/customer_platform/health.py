"""The health event: how a release or a rollback asks a version whether it starts.

Answered by every function before anything else, without touching data, so a version can be
probed before it gets traffic.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def health_answer(event: Any, context: "LambdaContext") -> dict[str, Any] | None:
    """The answer to `{"healthCheck": true}`, or None for any other event."""
    if isinstance(event, dict) and event.get("healthCheck") is True:
        return {"status": "ok", "version": context.function_version}
    return None

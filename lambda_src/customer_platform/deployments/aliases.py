"""The alias `live` of functions: where it points, and moving it so that nobody is overrun."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform.jobs import RefusedError
from customer_platform.overload import codes

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ALIAS = "live"
_LATEST = "$LATEST"


class AliasMovedError(RefusedError):
    """Somebody else moved the alias since it was looked at."""


class ProbeFailedError(RefusedError):
    """A version did not answer the health event as a healthy one does."""


class NotPublishedError(RefusedError):
    """There is no such version, or it is one that can still be changed ($LATEST)."""


@dataclass(frozen=True)
class AliasState:
    """`version` gets all traffic but the shares in `weights`, {version: 0 to 1}."""

    version: str
    revision: str
    weights: Mapping[str, float] = field(default_factory=dict)


class Aliases:
    def __init__(self, aws_lambda: "LambdaClient") -> None:
        self._lambda = aws_lambda

    def state(self, function: str) -> AliasState:
        answer = self._lambda.get_alias(FunctionName=function, Name=ALIAS)
        return _state(answer)

    def move(
        self, function: str, seen: AliasState, version: str, weights: Mapping[str, float]
    ) -> AliasState:
        """Point the alias at `version`. Raises AliasMovedError if it is not as `seen` any more."""
        try:
            answer = self._lambda.update_alias(
                FunctionName=function,
                Name=ALIAS,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": dict(weights)},
                RevisionId=seen.revision,
            )
        except ClientError as error:
            if codes(error) != {"PreconditionFailedException"}:
                raise
            # As wanted, if an answer was lost and the SDK asked again.
            now = self.state(function)
            if (now.version, now.weights) == (version, dict(weights)):
                return now
            raise AliasMovedError(
                f"{function}: somebody moved the alias to version {now.version} meanwhile"
            ) from None
        return _state(answer)

    def newest(self, function: str) -> str | None:
        """The version that was published last; None if none ever was."""
        newest = 0
        marker: dict[str, str] = {}
        while True:
            answer = self._lambda.list_versions_by_function(FunctionName=function, **marker)  # type: ignore[arg-type]
            numbers = [v["Version"] for v in answer["Versions"] if v["Version"] != _LATEST]
            newest = max(newest, *(int(number) for number in numbers), 0)
            if not answer.get("NextMarker"):
                return str(newest) if newest else None
            marker = {"Marker": answer["NextMarker"]}

    def probe(self, function: str, version: str) -> None:
        """Ask a version for its health. Raises ProbeFailedError with what it answered, which is
        Lambda's word or the health answer's, not a customer's; NotPublishedError if it is none that
        stays as it is."""
        if not version.isdecimal():
            raise NotPublishedError(f"{function}: {version} is not a published version")
        try:
            answer = self._lambda.invoke(
                FunctionName=f"{function}:{version}", Payload=json.dumps({"healthCheck": True})
            )
        except ClientError as error:
            if codes(error) != {"ResourceNotFoundException"}:
                raise
            raise NotPublishedError(f"{function}: there is no version {version}") from None
        text = answer["Payload"].read().decode(errors="replace")
        try:
            said = json.loads(text)
            healthy = said["status"] == "ok" and said["version"] == version
        except (ValueError, KeyError, TypeError):
            healthy = False
        if answer.get("FunctionError") or not healthy:
            raise ProbeFailedError(f"{function} version {version} is not healthy: {text[:300]}")


def _state(answer: Mapping[str, Any]) -> AliasState:
    routing = answer.get("RoutingConfig") or {}
    return AliasState(
        version=answer["FunctionVersion"],
        revision=answer["RevisionId"],
        weights=dict(routing.get("AdditionalVersionWeights") or {}),
    )

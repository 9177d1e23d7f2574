"""Nobody calls a function past its alias, which is what a release and a rollback move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from platform_policy import PlatformPolicy, Resource, parsed, strings

ALIAS = "live"
FUNCTION = re.compile(
    r"arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(?::([A-Za-z0-9$_-]+))?"
)
# What makes the function and its alias, and what says who may do what (PLATFORM_EXACT_TARGET).
OWN = {"aws_lambda_function", "aws_lambda_alias"}
# Attributes that AWS computes from the function behind the alias.
COMPUTED = {"function_arn", "id"}
QUALIFIED = {
    "aws_lambda_event_source_mapping": None,
    "aws_lambda_permission": "qualifier",
    "aws_lambda_function_event_invoke_config": "qualifier",
    "aws_lambda_function_url": "qualifier",
    "aws_lambda_provisioned_concurrency_config": "qualifier",
}


class PastAlias(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__("PLATFORM_ALIAS", "Functions are called through their alias live")

    def applies(self, resource: Resource) -> bool:
        return resource.kind not in OWN and (
            resource.kind in QUALIFIED
            or "definition" in resource.values
            or any(FUNCTION.search(text) for text in self._texts(resource))
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        for text in self._texts(resource):
            for match in FUNCTION.finditer(text):
                # CloudFront takes versions only.
                edge = resource.kind == "aws_cloudfront_distribution"
                if match[1] != ALIAS and not (edge and (match[1] or "").isdigit()):
                    yield f"{match[0]} is not its alias"
        if resource.kind in QUALIFIED:
            named = str(resource.values.get("function_name", ""))
            attribute = QUALIFIED[resource.kind]
            qualifier = resource.values.get(attribute) if attribute else None
            if qualifier != ALIAS and not named.endswith(f":{ALIAS}"):
                yield f"{named} is not named by its alias"
        definition = parsed(resource.values.get("definition"))
        if "definition" in resource.values and resource.kind == "aws_sfn_state_machine":
            if definition is None:
                yield "its definition is no JSON"
            yield from _states(definition)

    def _texts(self, resource: Resource) -> list[str]:
        return [
            text
            for name, value in resource.values.items()
            if name not in COMPUTED and not _is_policy(value)
            for text in strings(value)
        ]


def _is_policy(value: Any) -> bool:
    document = parsed(value)
    return isinstance(document, dict) and "Statement" in document


def _states(value: Any) -> Iterator[str]:
    """States that invoke a function by its name, which no ARN tells."""
    if isinstance(value, list):
        for part in value:
            yield from _states(part)
    if not isinstance(value, dict):
        return
    target = str(value.get("Resource", ""))
    if re.search(r":states:::(aws-sdk:)?lambda:invoke", target, flags=re.IGNORECASE):
        given = value.get("Parameters") or value.get("Arguments") or {}
        name = str(given.get("FunctionName", ""))
        if given.get("Qualifier") != ALIAS and not name.endswith(f":{ALIAS}"):
            where = name or given.get("FunctionName.$") or "a name from its input"
            yield f"a state invokes {where} without its alias"
    for part in value.values():
        yield from _states(part)


PastAlias()

"""What Terraform's stored state says about a stack."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Attributes that name a resource in its account.
NAMES = ("name", "id", "arn", "function_name", "bucket", "alarm_name", "dashboard_name", "email")
# Attributes that name what a resource is a part of: its name need be unique there only.
PARENTS = (
    "rest_api_id", "function_name", "usage_plan_id", "bucket", "log_group_name",
    "queue_url", "topic_arn", "database_name", "workgroup", "event_bus_name", "rule",
    "user_pool_id", "backup_vault_name", "plan_id", "configuration_set_name", "distribution_id",
    "target_key_id", "key_id",
)  # fmt: skip
# Types without a name: what AWS calls them is random, and cannot be another stack's.
NAMELESS = {
    "aws_kms_key",
    "aws_cloudfront_distribution",
}


@dataclass(frozen=True)
class Resource:
    """A managed resource in a state."""

    address: str
    type: str
    attributes: Mapping[str, Any]


def resources(state: Mapping[str, Any]) -> Iterator[Resource]:
    """All managed resources, in instances."""
    for entry in state["resources"]:
        if entry["mode"] == "managed":
            place = [entry.get("module"), entry["type"], entry["name"]]
            address = ".".join(filter(None, place))
            for instance in entry["instances"]:
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                yield Resource(f"{address}{index}", entry["type"], instance["attributes"])


def counts(*states: Mapping[str, Any]) -> Counter[str]:
    """Resource type => how many, in all states together."""
    return Counter(resource.type for state in states for resource in resources(state))


def strings(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def mentions(text: str, word: str) -> bool:
    """Whether a text has a suffix, an ID or an ARN as a word: customer-feedback-pr1 and pr1 are
    not in customer-feedback-pr12."""
    return word in text and bool(
        re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", text)
    )


# ARNs, URLs, and what AWS makes up: IDs of API Gateway, of IAM, UUIDs.
IDENTITY = re.compile(r"arn:.*|https?:.*|[0-9a-f]{8}|[0-9a-z]{10}|[0-9a-f-]{36}|A[A-Z0-9]{15,}")


def identities(resource: Resource) -> set[str]:
    """What AWS calls a resource, as far as it calls no other one so."""
    named = (resource.attributes.get(name) for name in ("id", "arn", "uuid", "unique_id", "url"))
    return {name for name in named if isinstance(name, str) and IDENTITY.fullmatch(name)}


def all_identities(state: Mapping[str, Any]) -> set[str]:
    """What AWS calls the resources of a state."""
    return {identity for resource in resources(state) for identity in identities(resource)}


def without_suffix(state: Mapping[str, Any], suffix: str) -> list[str]:
    """Addresses of resources whose name lacks the suffix, so that another stack's resource may
    have the same name. A part of a resource whose name has it needs none."""
    rest = list(resources(state))
    own = {suffix}
    while True:
        known = [resource for resource in rest if _belongs(resource, own)]
        if not known:
            return [resource.address for resource in rest]
        own |= {identity for resource in known for identity in identities(resource)}
        rest = [resource for resource in rest if resource not in known]


def _belongs(resource: Resource, own: set[str]) -> bool:
    names = {str(resource.attributes.get(name) or "") for name in (*NAMES, *PARENTS)}
    return resource.type in NAMELESS or any(
        mentions(name, identity) for name in names for identity in own
    )

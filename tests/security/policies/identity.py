"""Names and tags: whose a resource is, and that two stacks never meet in one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from platform_policy import PlatformPolicy, Resource, suffix

# Where AWS keeps the name, in the order in which they are looked for.
NAMES = (
    "name", "function_name", "bucket", "alarm_name", "dashboard_name", "configuration_set_name",
    "contact_list_name", "group_name", "rule_name", "layer_name", "name_prefix", "bucket_prefix",
)  # fmt: skip
# Named within something that has the suffix in its own name, or an ID of its own.
WITHIN = {
    "aws_api_gateway_documentation_part": "its API",
    "aws_api_gateway_model": "its API",
    "aws_api_gateway_request_validator": "its API",
    "aws_api_gateway_authorizer": "its API",
    "aws_api_gateway_usage_plan_key": "its usage plan",
    "aws_cloudwatch_log_metric_filter": "its log group",
    "aws_cloudwatch_log_stream": "its log group",
    "aws_cloudwatch_log_subscription_filter": "its log group",
    "aws_glue_catalog_table": "its database",
    "aws_glue_partition_index": "its table",
    "aws_iam_group_policy": "its group",
    "aws_iam_role_policy": "its role",
    "aws_iam_user_policy": "its user",
    "aws_lambda_alias": "its function",
    "aws_route53_record": "its zone",
    "aws_sfn_alias": "its state machine",
}
TAGS = {"Project", "Environment", "Suffix", "ManagedBy"}
ACCOUNT_TAGS = {"Project", "ManagedBy"}


class NameSuffix(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__("PLATFORM_NAME_SUFFIX", "Every name holds the environment suffix")

    def applies(self, resource: Resource) -> bool:
        return (
            not resource.account_wide
            and resource.kind not in WITHIN
            and any(isinstance(resource.values.get(name), str) for name in NAMES)
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        attribute = next(name for name in NAMES if isinstance(resource.values.get(name), str))
        name = resource.values[attribute]
        # Glue and Athena take no hyphens.
        spellings = {re.escape(suffix()), re.escape(suffix().replace("-", "_"))}
        if not re.search(rf"(^|[^A-Za-z0-9])({'|'.join(spellings)})($|[^A-Za-z0-9])", name):
            yield f"{attribute} {name} does not hold the suffix"


class Tags(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_TAGS", "Whatever takes tags has Project, Environment, Suffix and ManagedBy"
        )

    def applies(self, resource: Resource) -> bool:
        return "tags_all" in resource.values

    def problems(self, resource: Resource) -> Iterator[str]:
        tags = resource.values.get("tags_all") or {}
        wanted = ACCOUNT_TAGS if resource.account_wide else TAGS
        missing = sorted(name for name in wanted if not tags.get(name))
        if missing:
            yield f"without {', '.join(missing)}"
        if not resource.account_wide and tags.get("Suffix") not in {None, "", suffix()}:
            yield f"Suffix is {tags['Suffix']}, not {suffix()}"


NameSuffix()
Tags()

"""The module `log_archive`: what it makes, what its roles may do and what it refuses; and that the
root stack forgets no log group."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, PlanError, Planner, Refusals, differences, inventory
from tests.plan.test_root import stack

ACCOUNT = "123456789012"
ARCHIVE = "arn:aws:s3:::logs-test-123456789012"
COPY = "arn:aws:s3:::logs-compliance-test-123456789012"
STREAM = "arn:aws:firehose:us-west-1:123456789012:deliverystream/logs-test"
KEY = "arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def statements(plan: Planner, document: str, module: str = "full") -> dict[str, dict[str, Any]]:
    address = f"module.{module}.data.aws_iam_policy_document.{document}"
    found = plan(FIXTURES / "log_archive").statements()[address]
    return {statement["sid"]: statement for statement in found}


def allowed(plan: Planner, document: str) -> dict[str, tuple[list[str], list[str]]]:
    return {
        sid: (sorted(statement["actions"]), sorted(statement["resources"]))
        for sid, statement in statements(plan, document).items()
    }


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "log_archive"), inventory("log_archive")) == []


def test_the_stream_may_write_its_prefixes_and_its_log(plan: Planner) -> None:
    log = (
        f"arn:aws:logs:us-west-1:{ACCOUNT}:log-group:/aws/kinesisfirehose/logs-test"
        ":log-stream:DestinationDelivery"
    )
    assert allowed(plan, "delivery") == {
        "FindBucket": (
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [ARCHIVE],
        ),
        "WriteArchive": (
            ["s3:AbortMultipartUpload", "s3:PutObject"],
            [f"{ARCHIVE}/failed/*", f"{ARCHIVE}/logs/*"],
        ),
        "WriteOwnLog": (["logs:PutLogEvents"], [log]),
        "UseKeyThroughServices": (["kms:Decrypt", "kms:GenerateDataKey"], [KEY]),
    }  # fmt: skip


def test_cloudwatch_may_send_to_the_stream_and_nothing_else(plan: Planner) -> None:
    assert allowed(plan, "subscription") == {
        "SendToStream": (["firehose:PutRecord", "firehose:PutRecordBatch"], [STREAM])
    }


def test_s3_may_copy_and_never_delete(plan: Planner) -> None:
    assert allowed(plan, "replication[0]") == {
        "ReadSettings": (["s3:GetReplicationConfiguration", "s3:ListBucket"], [ARCHIVE]),
        "ReadArchive": (
            [
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            [f"{ARCHIVE}/logs/*"],
        ),
        "WriteCopies": (["s3:ReplicateObject", "s3:ReplicateTags"], [f"{COPY}/logs/*"]),
        "UseKeyThroughS3": (["kms:Decrypt", "kms:Encrypt"], [KEY]),
    }


@pytest.mark.parametrize(
    ("document", "service", "source"),
    [
        ("delivery_assume", "firehose.amazonaws.com", ("ArnEquals", STREAM)),
        (
            "subscription_assume",
            "logs.amazonaws.com",
            ("ArnLike", f"arn:aws:logs:us-west-1:{ACCOUNT}:*"),
        ),
        ("replication_assume", "s3.amazonaws.com", ("ArnEquals", ARCHIVE)),
    ],
)
def test_roles_are_assumed_for_this_account_and_source(
    plan: Planner, document: str, service: str, source: tuple[str, str]
) -> None:
    (statement,) = statements(plan, document).values()
    (principal,) = statement["principals"]
    assert principal["identifiers"] == [service]
    conditions = {c["variable"]: (c["test"], c["values"]) for c in statement["condition"]}
    assert conditions == {
        "aws:SourceAccount": ("StringEquals", [ACCOUNT]),
        "aws:SourceArn": (source[0], [source[1]]),
    }


def test_plain_http_is_refused(plan: Planner) -> None:
    for key, arn in (("archive", ARCHIVE), ("compliance", COPY)):
        (statement,) = statements(plan, f'bucket["{key}"]').values()
        assert statement["effect"] == "Deny"
        assert statement["resources"] == [arn, f"{arn}/*"]


def test_every_group_that_cannot_hand_over_is_noticed(plan: Planner) -> None:
    """An alarm takes ten metrics."""
    found = {}
    for address, alarm in plan(FIXTURES / "log_archive").resources().items():
        if ".aws_cloudwatch_metric_alarm.forwarding[" in address and "module.full" in address:
            metrics = [query["metric"][0] for query in alarm["metric_query"] if query["metric"]]
            assert len(metrics) <= 10
            for metric in metrics:
                assert (metric["namespace"], metric["metric_name"]) == (
                    "AWS/Logs", "DeliveryErrors",
                )  # fmt: skip
                group = metric["dimensions"]["LogGroupName"]
                found[group] = metric["dimensions"]
    assert found == {
        group: {"LogGroupName": group, "DestinationType": "Firehose", "FilterName": "logs-test"}
        for group in (f"/aws/lambda/f{number}-test" for number in range(12))
    }


GOOD: dict[str, Any] = {
    "name": "logs-test",
    "names": {
        "bucket": "logs-test",
        "compliance_bucket": "logs-compliance-test",
        "delivery_role": "a",
        "subscription_role": "b",
        "replication_role": "c",
    },
    "log_groups": {"api": "/aws/apigateway/api-test"},
}
IRREVOCABLE = {"enabled": True, "irrevocable": True}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "a b"}, "name must be 1 to 64"),
    "bucket": ({"names": GOOD["names"] | {"bucket": "A"}}, "Names of buckets must be"),
    "role": ({"names": GOOD["names"] | {"delivery_role": "a b"}}, "Names of roles must be"),
    "no_group": ({"log_groups": {}}, "at least one log group"),
    "transition": ({"transition_days": -1}, "a whole number from 0 to 3650"),
    "retention": ({"retention_days": 0, "transition_days": 0}, "from 1 to 3650"),
    "never_rare": ({"retention_days": 30}, "and more than transition_days"),
    "by_accident": ({"compliance": {"enabled": True}}, "compliance cannot be undone"),
    "compliance_days": (
        {"compliance": IRREVOCABLE | {"retention_days": 0}},
        "compliance.retention_days must be",
    ),
    "megabytes": ({"buffering": {"megabytes": 129}}, "from 1 to 128"),
    "seconds": ({"buffering": {"seconds": 901}}, "from 0 to 900"),
    "log_retention": ({"log_retention_days": 2}, "a period that CloudWatch Logs knows"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("log_archive", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem


# --- the root stack


def test_no_log_group_of_the_stack_is_forgotten(plan: Planner) -> None:
    """A new group belongs into local.log_groups of terraform/log_archive.tf. Only the archive's own
    stays out: an error about delivering would be delivered."""
    made = stack(plan, "production")
    groups = made.resources("aws_cloudwatch_log_group")
    own = groups.pop("module.log_archive[0].aws_cloudwatch_log_group.delivery")
    assert own["name"] == "/aws/kinesisfirehose/log-archive-pr123"
    # API Gateway dictates the name of its execution log, which holds the API's own ID.
    (execution,) = [address for address, values in groups.items() if "name" not in values]
    assert execution == "module.api.aws_cloudwatch_log_group.execution[0]"
    filters = made.resources("aws_cloudwatch_log_subscription_filter")
    subscribed = [
        values["log_group_name"] for values in filters.values() if "log_group_name" in values
    ]
    assert sorted(subscribed) == sorted(v["name"] for v in groups.values() if "name" in v)
    assert filters.keys() > {
        'module.log_archive[0].aws_cloudwatch_log_subscription_filter.this["api-execution"]'
    }
    assert len(filters) == len(groups)


@pytest.mark.parametrize("environment", ["local", "preview"])
def test_there_is_no_archive_of_what_is_only_tried(environment: str, plan: Planner) -> None:
    made = stack(plan, environment)
    assert made.resources("aws_kinesis_firehose_delivery_stream") == {}
    assert made.resources("aws_cloudwatch_log_subscription_filter") == {}


def test_the_compliance_copy_is_productions_alone(plan: Planner) -> None:
    compliance = {"enabled": True, "compliance": IRREVOCABLE}
    with pytest.raises(PlanError, match="what is only tried must not stay for years"):
        stack(plan, "preview", log_archive=compliance)
    made = stack(plan, "production", log_archive=compliance | {"deletion_protection": True})
    (lock,) = made.resources("aws_s3_bucket_object_lock_configuration").values()
    assert lock["rule"][0]["default_retention"][0]["days"] == 2557
    names = {values["bucket"] for values in made.resources("aws_s3_bucket").values()}
    assert "log-archive-compliance-pr123-123456789012" in names
    assert max(map(len, names)) <= 63

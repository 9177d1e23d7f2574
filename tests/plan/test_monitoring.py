"""The module `monitoring`: topics and who may publish, filters, every rule, dashboards, cost, and
what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, ROOT, Plan, Planner, Refusals, differences, inventory

ALARM = "aws_cloudwatch_metric_alarm"
DASHBOARD = "aws_cloudwatch_dashboard"


@pytest.fixture
def made(plan: Planner) -> Plan:
    return plan(FIXTURES / "monitoring")


def test_inventory(made: Plan) -> None:
    assert differences(made, inventory("monitoring")) == []


# --- topics -------------------------------------------------------------------------


def conditions(statement: dict[str, Any]) -> dict[str, list[str]]:
    return {found["variable"]: found["values"] for found in statement["condition"]}


ALARMS_OF_THE_STACK = [
    "arn:aws:cloudwatch:us-west-1:123456789012:alarm:*-test",
    "arn:aws:cloudwatch:us-west-1:123456789012:alarm:*-test-unsuccessful",
    "arn:aws:cloudwatch:us-west-1:123456789012:alarm:*-test-stale",
    "arn:aws:cloudwatch:us-west-1:123456789012:alarm:*-test-forwarding-*",
]


@pytest.mark.parametrize(
    ("topic", "publishers"),
    [
        ("critical", {"PublishAlarms"}),
        ("warning", {"PublishAlarms", "PublishBudgets", "PublishCostAnomalies"}),
        ("deployments", set()),
    ],
)
def test_who_may_publish(made: Plan, topic: str, publishers: set[str]) -> None:
    document = f'module.everything.data.aws_iam_policy_document.topic["{topic}"]'
    found = {statement["sid"]: statement for statement in made.statements()[document]}
    refusal = found.pop("RefuseUnencryptedTransport")
    assert (refusal["effect"], conditions(refusal)) == ("Deny", {"aws:SecureTransport": ["false"]})
    assert set(found) == publishers
    for statement in found.values():
        assert statement["actions"] == ["sns:Publish"]
        assert statement["resources"] == [f"arn:aws:sns:us-west-1:123456789012:{topic}-test"]
        assert conditions(statement)["aws:SourceAccount"] == ["123456789012"]
        (principal,) = statement["principals"]
        assert principal["type"] == "Service"
    if "PublishAlarms" in found:
        assert conditions(found["PublishAlarms"])["aws:SourceArn"] == ALARMS_OF_THE_STACK
        (principal,) = found["PublishAlarms"]["principals"]
        assert principal["identifiers"] == ["cloudwatch.amazonaws.com"]


def test_without_tls_and_publishers_a_topic_keeps_the_policy_that_sns_gives_it(made: Plan) -> None:
    documents = [name for name in made.statements() if name.startswith("module.topics_only.")]
    assert sorted(name.partition("[")[2] for name in documents) == ['"critical"]', '"warning"]']
    for document in documents:
        (statement,) = made.statements()[document]
        assert statement["sid"] == "PublishAlarms"


def test_who_publishes_may_use_the_key_and_nobody_else(made: Plan) -> None:
    document = "module.everything.data.aws_iam_policy_document.key[0]"
    found = {statement["sid"]: statement for statement in made.statements()[document]}
    root = found.pop("LeaveToIam")
    (principal,) = root["principals"]
    assert principal["identifiers"] == ["arn:aws:iam::123456789012:root"]
    assert {sid: s["principals"][0]["identifiers"] for sid, s in found.items()} == {
        "EncryptForAlarms": ["cloudwatch.amazonaws.com"],
        "EncryptForBudgets": ["budgets.amazonaws.com"],
        "EncryptForCostAnomalies": ["costalerts.amazonaws.com"],
        "EncryptForMail": ["ses.amazonaws.com"],
    }
    for statement in found.values():
        assert sorted(statement["actions"]) == ["kms:Decrypt", "kms:GenerateDataKey"]
        assert conditions(statement)["aws:SourceAccount"] == ["123456789012"]
    assert conditions(found["EncryptForAlarms"])["aws:SourceArn"] == ALARMS_OF_THE_STACK
    assert conditions(found["EncryptForMail"])["aws:SourceArn"] == [
        "arn:aws:ses:us-west-1:123456789012:configuration-set/letters-test"
    ]
    assert {
        s["sid"] for s in made.statements()["module.example.data.aws_iam_policy_document.key[0]"]
    } == {
        "LeaveToIam",
        "EncryptForAlarms",
    }


def test_what_is_not_delivered_is_kept_by_the_topics_alone(made: Plan) -> None:
    document = "module.everything.data.aws_iam_policy_document.undelivered[0]"
    found = {statement["sid"]: statement for statement in made.statements()[document]}
    assert found["RefuseUnencryptedTransport"]["effect"] == "Deny"
    keep = found["KeepUndelivered"]
    assert (keep["actions"], keep["principals"][0]["identifiers"]) == (
        ["sqs:SendMessage"],
        ["sns.amazonaws.com"],
    )
    assert set(conditions(keep)["aws:SourceArn"]) == {
        f"arn:aws:sns:us-west-1:123456789012:{topic}-test"
        for topic in ("critical", "warning", "deployments")
    }
    kept = {
        address.split('"')[1]: json.loads(subscription["redrive_policy"] or "{}")
        for address, subscription in made.resources("aws_sns_topic_subscription").items()
        if address.startswith("module.everything.")
    }
    queue = "arn:aws:sqs:us-west-1:123456789012:undelivered-notifications-test"
    assert {name for name, policy in kept.items() if policy} == {
        "archive/deployments",
        "pagerduty/critical",
    }
    assert kept["pagerduty/critical"] == {"deadLetterTargetArn": queue}
    assert keep["resources"] == [queue]


def test_the_slack_role_is_assumed_by_the_chat_alone_and_may_do_nothing(made: Plan) -> None:
    (statement,) = made.statements()[
        "module.everything.data.aws_iam_policy_document.slack_assume[0]"
    ]
    assert statement["principals"][0]["identifiers"] == ["chatbot.amazonaws.com"]
    assert conditions(statement)["aws:SourceAccount"] == ["123456789012"]
    assert not made.resources("aws_iam_role_policy")
    assert not made.resources("aws_iam_role_policy_attachment")


# --- filters ------------------------------------------------------------------------


def test_every_filter_reads_its_functions_log_into_metrics_of_the_stack(made: Plan) -> None:
    filters = {
        found["name"]: found
        for address, found in made.resources("aws_cloudwatch_log_metric_filter").items()
        if address.startswith("module.everything.")
    }
    assert sorted(filters) == [
        f"{name}-{purpose}-test"
        for name in ("count-orders", "create-order")
        for purpose in ("cold-starts", "errors-logged", "errors-raised", "errors-stopped")
    ]
    for name, found in filters.items():
        function = name[: len("count-orders")]
        assert found["log_group_name"] == f"/aws/lambda/{function}-test"
        (metric,) = found["metric_transformation"]
        kind = "cold-starts" if "cold" in name else "errors"
        assert (metric["namespace"], metric["name"]) == (
            "CustomerPlatform/test",
            f"{function}-{kind}",
        )
        assert (metric["value"], metric["default_value"]) == ("1", "0")
        assert not metric["dimensions"]


def test_patterns(made: Plan) -> None:
    """Exactly: CloudWatch's syntax has traps, see filters.tf."""
    assert {
        found["name"]: found["pattern"]
        for address, found in made.resources("aws_cloudwatch_log_metric_filter").items()
        if address.startswith('module.everything.') and "create-order" in address
    } == {
        "create-order-errors-logged-test": '{ ($.level = "ERROR") || ($.level = "CRITICAL") }',
        "create-order-errors-raised-test": '"[ERROR]" -BatchError -OrderError',
        "create-order-errors-stopped-test": '?"Task timed out" ?"Runtime exited"',
        "create-order-cold-starts-test": '"REPORT RequestId" "Init Duration"',
    }  # fmt: skip


# --- alarms -------------------------------------------------------------------------


def queries(made: Plan, name: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """An alarm's expression, and its metrics by id."""
    found = made.resources(ALARM)[f'module.everything.{ALARM}.this["{name}"]']["metric_query"]
    (told,) = [query for query in found if query["return_data"]]
    return told["expression"], {q["id"]: q["metric"][0] for q in found if not q["return_data"]}


def test_a_table_is_watched_with_its_indexes(made: Plan) -> None:
    expression, metrics = queries(made, "orders-table-throttles")
    assert expression == "SUM(FILL(METRICS(), 0))"
    table = {"TableName": "orders-test"}
    wanted = [
        (metric, dimensions)
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
        for dimensions in (
            table,
            table | {"GlobalSecondaryIndexName": "by-customer"},
            table | {"GlobalSecondaryIndexName": "by-day"},
        )
    ]
    have = [(metric["metric_name"], metric["dimensions"]) for metric in metrics.values()]
    assert sorted(have, key=str) == sorted(wanted, key=str)
    assert {(m["namespace"], m["stat"], m["period"]) for m in metrics.values()} == {
        ("AWS/DynamoDB", "Sum", 60)
    }


def test_cold_starts_are_a_share_of_enough_calls(made: Plan) -> None:
    expression, metrics = queries(made, "create-order-cold-starts")
    assert expression == "IF(invocations >= 20, 100 * starts / invocations, 0)"
    assert {
        name: (m["namespace"], m["metric_name"], m["dimensions"]) for name, m in metrics.items()
    } == {
        "starts": ("CustomerPlatform/test", "create-order-cold-starts", None),
        "invocations": ("AWS/Lambda", "Invocations", {"FunctionName": "create-order-test"}),
    }


def test_an_alarm_of_ones_own_may_compare_metrics(made: Plan) -> None:
    expression, metrics = queries(made, "orders-lost")
    assert expression == "taken - written"
    assert {name: m["metric_name"] for name, m in metrics.items()} == {
        "taken": "Taken",
        "written": "Written",
    }


CRITICAL = ["arn:aws:sns:us-west-1:123456789012:critical-test"]
WARNING = ["arn:aws:sns:us-west-1:123456789012:warning-test"]
TOLD = {
    "api-request-latency": WARNING,
    "api-server-errors": [],  # api-unhealthy tells
    "count-orders-cold-starts": WARNING,
    "count-orders-dead-letters": WARNING,
    "count-orders-errors": CRITICAL,
    "count-orders-stream-age": CRITICAL,  # by rules
    "count-orders-throttles": CRITICAL,
    "create-order-cold-starts": WARNING,
    "create-order-errors": CRITICAL,
    "create-order-throttles": [],  # api-unhealthy tells
    "orders-lost": CRITICAL,
    "orders-stand-still": WARNING,
    "orders-table-throttles": CRITICAL,
    "totals-table-throttles": CRITICAL,
    "undelivered-notifications-dead-letters": WARNING,
}


def test_every_alarm_tells_its_topic_when_it_begins_and_when_it_is_over(made: Plan) -> None:
    """All alarms there are: `latency` is switched off."""
    alarms = {
        address.split('"')[1]: found
        for address, found in made.resources(ALARM).items()
        if address.startswith("module.everything.")
    }
    assert {name: found["alarm_actions"] or [] for name, found in alarms.items()} == TOLD
    assert {name: found["ok_actions"] or [] for name, found in alarms.items()} == TOLD
    assert {found["alarm_name"] for found in alarms.values()} == {f"{name}-test" for name in TOLD}


def test_what_is_wrong_with_the_api_is_told_once(made: Plan) -> None:
    found = made.resources()["module.everything.aws_cloudwatch_composite_alarm.api[0]"]
    assert found["alarm_rule"] == (
        'ALARM("api-server-errors-test") OR ALARM("create-order-throttles-test")'
    )
    assert found["alarm_actions"] == found["ok_actions"] == CRITICAL


def test_alarms_come_by_kind_and_by_function(made: Plan) -> None:
    outputs = made.outputs()
    assert outputs["error_alarm_names"] == {
        "count_orders": "count-orders-errors-test",
        "create_order": "create-order-errors-test",
    }
    kinds = {name: (found["kind"], found["about"]) for name, found in outputs["alarms"].items()}
    assert kinds.keys() == TOLD.keys()
    assert kinds["orders-table-throttles"] == ("table-throttles", "orders")
    assert kinds["orders-lost"] == ("own", "orders-lost")
    assert outputs["alarms"]["create-order-errors"] == {
        "name": "create-order-errors-test",
        "arn": "arn:aws:cloudwatch:us-west-1:123456789012:alarm:create-order-errors-test",
        "kind": "errors",
        "about": "create-order",
        "severity": "critical",
    }


def test_the_readmes_example_makes_what_it_says(made: Plan) -> None:
    readme = (ROOT / "modules" / "monitoring" / "README.md").read_text()
    assert "`create-order-errors-pr123` and eight more alarms" in readme
    metric = [name for name in made.resources(ALARM) if name.startswith("module.example.")]
    assert len([*metric, "module.example.aws_cloudwatch_composite_alarm.api[0]"]) == 9
    fixture = (FIXTURES / "monitoring" / "main.tf").read_text()
    example = readme.partition('  suffix = "pr123"')[2].partition("```")[0]
    assert example in fixture


# --- dashboards ---------------------------------------------------------------------


def widgets(made: Plan, dashboard: str) -> list[dict[str, Any]]:
    found = made.resources(DASHBOARD)[f'module.everything.{DASHBOARD}.this["{dashboard}"]']
    assert found["dashboard_name"] == f"{dashboard}-test"
    body = json.loads(found["dashboard_body"])
    assert body.keys() == {"widgets"}
    made_widgets: list[dict[str, Any]] = body["widgets"]
    return made_widgets


@pytest.mark.parametrize("dashboard", ["system-health", "business"])
def test_no_widget_lies_on_another(made: Plan, dashboard: str) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(made, dashboard):
        x, y, width, height = (widget[name] for name in ("x", "y", "width", "height"))
        cells = {(x + right, y + down) for right in range(width) for down in range(height)}
        assert max(column for column, _ in cells) < 24
        assert not taken & cells, widget["properties"]["title"]
        taken |= cells


def test_health_shows_what_the_document_asks_for(made: Plan) -> None:
    shown = {
        (metric[0], metric[1])
        for widget in widgets(made, "system-health")
        if widget["type"] == "metric"
        for metric in widget["properties"]["metrics"]
    }
    assert shown >= {
        ("AWS/ApiGateway", "4XXError"),
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/Lambda", "Invocations"),
        ("AWS/Lambda", "Duration"),
        ("CustomerPlatform/test", "create-order-errors"),
        ("AWS/DynamoDB", "ReadThrottleEvents"),
        ("AWS/DynamoDB", "WriteThrottleEvents"),
        ("AWS/CloudFront", "CacheHitRate"),
    }
    (hits,) = [
        w for w in widgets(made, "system-health") if "CloudFront" in w["properties"]["title"]
    ]
    assert hits["properties"]["region"] == "us-east-1"
    (alarms,) = [w for w in widgets(made, "system-health") if w["type"] == "alarm"]
    names = {arn.rpartition(":")[2] for arn in alarms["properties"]["alarms"]}
    assert names == {f"{name}-test" for name in [*TOLD, "api-unhealthy"]}


def test_business_shows_what_it_is_given(made: Plan) -> None:
    first, second, errors = widgets(made, "business")
    assert first["properties"] == {
        "title": "Orders",
        "region": "us-west-1",
        "view": "timeSeries",
        "stacked": True,
        "stat": "Average",
        "period": 86400,
        "setPeriodToTimeRange": False,
        "metrics": [["Orders", "Taken", "Kind", "gift", "Suffix", "test", {"label": "gifts"}]],
    }
    assert second["properties"]["view"] == "singleValue"
    assert second["properties"]["setPeriodToTimeRange"] is True
    assert errors["properties"]["query"].startswith(
        "SOURCE '/aws/lambda/count-orders-test' | SOURCE '/aws/lambda/create-order-test' | "
    )


def test_what_there_is_not_is_not_shown(made: Plan) -> None:
    """Neither a chart of no metrics nor a query of no log."""
    found = made.resources(DASHBOARD)[f'module.topics_only.{DASHBOARD}.this["system-health"]']
    (alarms,) = json.loads(found["dashboard_body"])["widgets"]
    assert (alarms["type"], alarms["properties"]["alarms"]) == ("alarm", [])


# --- cost ---------------------------------------------------------------------------


def test_the_budget_tells_what_was_and_what_will_be_spent(made: Plan) -> None:
    (budget,) = made.resources("aws_budgets_budget").values()
    assert sorted(
        (found["notification_type"], found["threshold"], found["threshold_type"])
        for found in budget["notification"]
    ) == [("ACTUAL", 50, "PERCENTAGE"), ("FORECASTED", 100, "PERCENTAGE")]
    assert {found["subscriber_sns_topic_arns"][0] for found in budget["notification"]} == {
        WARNING[0]
    }


def test_unusual_spending_is_that_of_the_suffix_and_of_some_size(made: Plan) -> None:
    (monitor,) = made.resources("aws_ce_anomaly_monitor").values()
    specification = json.loads(monitor["monitor_specification"])
    assert {name for name, value in specification.items() if value} == {"Tags"}
    assert specification["Tags"] == {
        "Key": "user:Suffix", "MatchOptions": None, "Values": ["test"],
    }  # fmt: skip
    (subscription,) = made.resources("aws_ce_anomaly_subscription").values()
    ((threshold,), (subscriber,)) = subscription["threshold_expression"], subscription["subscriber"]
    assert sorted((part["dimension"][0] for part in threshold["and"]), key=str) == [
        {
            "key": f"ANOMALY_TOTAL_IMPACT_{kind}",
            "match_options": ["GREATER_THAN_OR_EQUAL"],
            "values": [value],
        }
        for kind, value in (("ABSOLUTE", "2"), ("PERCENTAGE", "30"))
    ]
    assert (subscriber["type"], subscriber["address"]) == ("SNS", WARNING[0])


# --- what is refused ----------------------------------------------------------------


GOOD: dict[str, Any] = {"suffix": "test"}
LETTER: dict[str, Any] = {"protocol": "email", "endpoint": "oncall@example.com"}
OWN: dict[str, Any] = {
    "description": "Bad.",
    "metrics": {"a": {"namespace": "A", "name": "B"}},
    "threshold": 1,
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "suffix": ({"suffix": "Test"}, "suffix must be 1 to 16"),
    "handler": ({"functions": {"A-b": {"name": "a", "log_group_name": "b"}}}, "Handlers in"),
    "exception": ({"logged_exceptions": ["Order Error"]}, "names of classes"),
    "indexes": ({"tables": {"a": {"name": "a", "indexes": list("abcde")}}}, "four indexes"),
    "kind": ({"rules": {"typo": {"enabled": False}}}, "rules must be of kinds"),
    "rule_severity": ({"rules": {"errors": {"severity": "fatal"}}}, "critical or warning"),
    "rule_period": ({"rules": {"errors": {"period": 90}}}, "a multiple of 60"),
    "rule_periods": ({"rules": {"errors": {"periods": 0}}}, "a whole number from 1"),
    "rule_too_long": ({"rules": {"errors": {"period": 3600, "periods": 25}}}, "at most a day"),
    "alarm_severity": ({"alarms": {"a": OWN | {"severity": "low"}}}, "critical or warning"),
    "alarm_metrics": ({"alarms": {"a": OWN | {"metrics": {}}}}, "must have a metric"),
    "key_user": ({"key_users": {"a": {"service": "b", "sources": []}}}, "at least one source"),
    "topics": ({"subscriptions": {"a": LETTER | {"topics": ["alerts"]}}}, "one or more of"),
    "protocol": ({"subscriptions": {"a": LETTER | {"protocol": "http"}}}, "email, https, sms"),
    "email": ({"subscriptions": {"a": LETTER | {"endpoint": "oncall"}}}, "what its protocol takes"),
    "https": (
        {"subscriptions": {"a": {"protocol": "https", "endpoint": "http://example.com"}}},
        "what its protocol takes",
    ),
    "sms": ({"subscriptions": {"a": {"protocol": "sms", "endpoint": "555"}}}, "what its protocol"),
    "sqs": ({"subscriptions": {"a": {"protocol": "sqs", "endpoint": "queue"}}}, "what its"),
    "no_endpoint": ({"subscriptions": {"a": {"protocol": "https"}}}, "must have an endpoint"),
    "workspace": ({"slack": {"team_id": "acme", "channel_id": "C07EZ1ABC23"}}, "a workspace's ID"),
    "channel": ({"slack": {"team_id": "T07EA123LEP", "channel_id": "#ops"}}, "a workspace's ID"),
    "slack_topics": (
        {"slack": {"team_id": "T07EA123LEP", "channel_id": "C07EZ1ABC23", "topics": []}},
        "slack.topics must be",
    ),
    "amount": ({"budget": {"amount": 0}}, "more than 0 USD"),
    "notifications": ({"budget": {"amount": 1, "actual": list(range(1, 11))}}, "ten notifications"),
    "anomaly": ({"cost_anomaly": {"percent": 0}}, "percent must be more than 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("monitoring", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem

"""Each function may do what it needs, and nothing beside it: under IAM, on the applied stack.

What it needs is its exercise (tests/e2e/iam/exercises.py). What stands beside that is worked out
from its policies and from what the stack holds: every other action on what it may touch, and
every action on what it may not. A function of ours that carries the role tries them all.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import httpx
import pytest

from ops import emulator
from tests.e2e.conftest import Deployment
from tests.e2e.iam.exercises import EXERCISES, MISSING, Ground
from tests.e2e.iam.permissions import Permission, permissions, policies
from tests.e2e.iam.probe_handler import DONE, perform
from tests.e2e.iam.probes import PROBES, REFUSALS, WHOLE_ACCOUNT, Probe, neighbours
from tests.e2e.iam.scratch import carrier, scratch
from tests.e2e.iam.stack_resources import Resource, resources

HANDLERS = sorted(EXERCISES)


@pytest.fixture(scope="module")
def ground(deployment: Deployment, api: httpx.Client) -> Ground:
    return Ground(deployment, api)


@pytest.fixture(scope="module")
def held(deployment: Deployment) -> list[Resource]:
    return resources(deployment)


@pytest.fixture(scope="module")
def granted(deployment: Deployment) -> dict[str, list[Permission]]:
    """Handler => what its role may do."""
    iam = deployment.client("iam")
    return {
        handler: permissions(handler, function["role"], policies(iam, function["role"]))
        for handler, function in deployment.outputs["functions"].items()
    }


def test_every_function_has_an_exercise(deployment: Deployment) -> None:
    functions = set(deployment.outputs["functions"])
    missing = ", ".join(sorted(functions - EXERCISES.keys()))
    assert not missing, f"{missing}: {MISSING}"
    assert functions == EXERCISES.keys() >= DENIED_BESIDE.keys()


# Roles that a service takes by itself, no function: name without suffix => the service. The
# embedded cloud's services do not use theirs, so no exercise can show what they need; plan tests
# name every action of theirs (tests/plan/test_datalake.py), and what stands beside is tried here.
SERVICE_ROLES = {
    "backup-tables-role": "backup",
    "glue-crawler-feedback-role": "glue",
    "schedules-reanalyze-feedback": "scheduler",
    "schedules-report-failed-messages": "scheduler",
    "scheduler-feedback-compaction-role": "scheduler",
    "states-customer-message-role": "states",
    "states-feedback-compaction-role": "states",
    "task-reminders": "scheduler",
    "states-release-role": "states",
}


def _service_roles(deployment: Deployment) -> dict[str, str]:
    suffix = deployment.stack.suffix
    return {f"{name}-{suffix}": service for name, service in SERVICE_ROLES.items()}


def test_every_role_is_a_functions_or_a_services(
    deployment: Deployment, held: list[Resource]
) -> None:
    """What another role may do, nothing here would try."""
    own = {function["role"] for function in deployment.outputs["functions"].values()}
    others = {r.name for r in held if r.kind == "role"} - own
    assert others == _service_roles(deployment).keys(), (
        "a role that belongs to no function in the output `functions` is not in SERVICE_ROLES"
    )


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_does_what_it_is_for(handler: str, ground: Ground) -> None:
    EXERCISES[handler](ground)


# What must not become possible by a policy's growing: action => why. Patterns, for every function.
NOBODY_MAY = {
    "dynamodb:Scan": "no request may cost as much as what is stored",
    "dynamodb:PartiQL*": "a statement's text would decide what is read",
    "dynamodb:*Table*": "tables are Terraform's",
    "dynamodb:*Backup*": "backups are the operators'",
    "backup:*": "backups are the operators'",
    "iam:*": "no function changes what it or another may do",
    "sts:*": "no function takes another role",
    "lambda:*Function*": "functions are made by Terraform and called by API and stream",
    "lambda:*Alias*": "only a release or a rollback moves what is live",
    "lambda:*EventSourceMapping*": "what feeds a function is Terraform's",
    "sqs:ReceiveMessage": "dead letters wait for an operator",
    "sqs:PurgeQueue": "dead letters wait for an operator",
    "s3:Delete*": "old rows are corrected by new ones, and lifecycle rules delete",
    "s3:*Acl": "buckets have no ACLs",
    "s3:*Policy": "who may use a bucket is Terraform's",
    "sqs:Delete*": "dead letters wait for an operator",
    "logs:Get*": "nobody reads logs but operators",
    "logs:FilterLogEvents": "nobody reads logs but operators",
    "logs:Delete*": "what a function did stays on record",
    "apigateway:*": "API keys can be read there",
    "scheduler:*": "when a function runs is Terraform's",
    "athena:*": "people ask questions, functions do not",
    "sns:Subscribe": "who hears is Terraform's",
    "ses:*Configuration*": "what comes back of messages is Terraform's",
    "ses:*Identity*": "who sends is the account's",
    "ses:*Suppress*": "whom SES leaves alone is the operators'",
    "cloudfront:*": "what the edge serves is Terraform's, what it forgets the publisher's",
    "cloudwatch:Put*": "alarms are Terraform's, and metrics are read from logs",
    "cloudwatch:SetAlarmState": "an alarm would roll a function back",
    "states:Start*": "operators start releases, the scheduler starts the compaction",
    "states:Stop*": "a release ends by itself",
    "kms:*Key*Policy": "who may use a key is Terraform's",
    "budgets:*": "spending is watched by people",
    "ssm:Put*": "the salt is made once, by Terraform",
}

# Who does what nobody else may, and exactly that. ListAliases: see reviewed_permissions.yaml.
MAY_ALL_THE_SAME = {
    # The role with which the scheduler calls send_task_reminder, to the scheduler only.
    "iam:*": {("schedule_task_reminders", "iam:PassRole")},
    # A schedule per task, in a group of their own.
    "scheduler:*": {
        ("schedule_task_reminders", f"scheduler:{verb}Schedule")
        for verb in ("Create", "Update", "Delete")
    },
    # Of the workflow that sends messages alone: tests/plan/test_messages.py.
    "states:Start*": {
        (handler, "states:StartExecution")
        for handler in ("send_task_reminder", "submit_contact", "submit_message")
    },
    "lambda:*Alias*": {
        (handler, f"lambda:{action}")
        for handler in ("release_steps", "rollback_orchestrator")
        for action in ("GetAlias", "ListAliases", "UpdateAlias")
    },
    "lambda:*Function*": {
        ("release_steps", "lambda:InvokeFunction"),
        ("release_steps", "lambda:ListVersionsByFunction"),
        ("rollback_orchestrator", "lambda:InvokeFunction"),
    },
}


@pytest.mark.parametrize("action", NOBODY_MAY)
def test_nobody_may(action: str, granted: dict[str, list[Permission]]) -> None:
    found = {
        (p.handler, p.action) for ps in granted.values() for p in ps if _meet(p.action, action)
    }
    assert found == MAY_ALL_THE_SAME.get(action, set()), NOBODY_MAY[action]


def _meet(one: str, other: str) -> bool:
    """Whether one pattern of actions holds the other."""
    one, other = one.lower(), other.lower()
    return fnmatchcase(one, other) or fnmatchcase(other, one)


# Handler => (action, resource) that must be among what is tried, and why it matters. A function
# without an entry is tried all the same.
DENIED_BESIDE: dict[str, dict[tuple[str, str], str]] = {
    "feedback_processor": {
        ("dynamodb:Query", "table/{dynamodb_table_name}"): "who submits reads nothing",
        ("dynamodb:GetItem", "table/{idempotency_table_name}"): "a repeat is found by writing",
        ("dynamodb:DeleteItem", "table/{dynamodb_table_name}"): "who submits erases nothing",
        ("dynamodb:PutItem", "table/{analytics_table_name}"): "only the aggregator counts",
    },
    "list_feedback": {
        (
            "dynamodb:Query",
            "table/{dynamodb_table_name}/index/pending-analysis",
        ): "nobody lists what waits",
        ("dynamodb:GetItem", "table/{dynamodb_table_name}"): "the table holds e-mail addresses",
        ("dynamodb:Query", "table/{dynamodb_table_name}"): "the table holds e-mail addresses",
        ("dynamodb:Scan", "table/{dynamodb_table_name}/index/recent"): "a page has its price",
    },
    "get_feedback": {
        (
            "dynamodb:DeleteItem",
            "table/{dynamodb_table_name}",
        ): "reading needs no key, erasing does",
        ("dynamodb:Query", "table/{dynamodb_table_name}/index/recent"): "one is not many",
    },
    "get_tasks": {
        ("dynamodb:Scan", "table/{tasks_table_name}/index/recent"): "a page has its price",
        ("dynamodb:Scan", "table/{tasks_table_name}"): "a page has its price",
        ("dynamodb:PutItem", "table/{tasks_table_name}"): "who lists changes nothing",
    },
    "get_task": {
        ("dynamodb:DeleteItem", "table/{tasks_table_name}"): "who reads deletes nothing",
        ("dynamodb:Query", "table/{tasks_table_name}/index/recent"): "one is not many",
    },
    "create_task": {
        ("dynamodb:DeleteItem", "table/{tasks_table_name}"): "who creates deletes nothing",
        ("dynamodb:PutItem", "table/{dynamodb_table_name}"): "feedback is another system's",
    },
    "update_task": {
        (
            "dynamodb:DeleteItem",
            "table/{task_activity_table_name}",
        ): "it stays on record",
        (
            "dynamodb:UpdateItem",
            "table/{task_activity_table_name}",
        ): "it stays on record",
    },
    "delete_task": {
        ("dynamodb:PutItem", "table/{tasks_table_name}"): "who deletes creates nothing",
        (
            "dynamodb:DeleteItem",
            "table/{task_activity_table_name}",
        ): "it stays on record",
    },
    "schedule_task_reminders": {
        ("dynamodb:PutItem", "table/{tasks_table_name}"): "who watches tasks changes none",
        ("dynamodb:GetItem", "table/{task_activity_table_name}"): "it needs the tasks only",
    },
    "send_task_reminder": {
        ("dynamodb:PutItem", "table/{tasks_table_name}"): "who reminds changes no task",
        ("dynamodb:GetItem", "table/{messages_table_name}"): "who hands in reads no message",
    },
    "get_task_activity": {
        ("dynamodb:PutItem", "table/{task_activity_table_name}"): "who reads writes nothing",
    },
    "delete_feedback": {
        ("dynamodb:PutItem", "table/{dynamodb_table_name}"): "who erases cannot overwrite",
        ("dynamodb:UpdateItem", "table/{analytics_table_name}"): "erasing lowers no total",
    },
    "get_analytics": {
        ("dynamodb:Query", "table/{dynamodb_table_name}"): "totals come from the aggregates",
        ("dynamodb:UpdateItem", "table/{analytics_table_name}"): "only the aggregator counts",
    },
    "health": {
        ("dynamodb:DescribeTable", "table/{dynamodb_table_name}"): "health touches no data",
    },
    "lake_exporter": {
        ("s3:GetObject", "{s3_data_lake_bucket}"): "the lake is written, not read",
        ("s3:DeleteObject", "{s3_data_lake_bucket}"): "a row is never taken back",
        ("s3:PutObject", "{s3_athena_results_bucket}"): "results are Athena's",
        ("ssm:PutParameter", "parameter{salt}"): "another salt would make other customers",
        ("dynamodb:Query", "table/{dynamodb_table_name}"): "the stream brings what it exports",
        ("sqs:SendMessage", "{aggregators_queue}"): "each consumer has its own dead letters",
    },
    "release_steps": {
        ("dynamodb:UpdateItem", "table/{deployments_table_name}"): "the ledger is only added to",
        ("dynamodb:DeleteItem", "table/{deployments_table_name}"): "the ledger is only added to",
        ("dynamodb:BatchWriteItem", "table/{deployments_table_name}"): "it would write unasked",
        ("lambda:UpdateFunctionCode", "function:{own_name}"): "it moves, not makes",
        ("lambda:PublishVersion", "function:{own_name}"): "Terraform publishes",
    },
    "rollback_orchestrator": {
        ("dynamodb:UpdateItem", "table/{deployments_table_name}"): "the ledger is only added to",
        ("dynamodb:DeleteItem", "table/{deployments_table_name}"): "the ledger is only added to",
        ("lambda:UpdateFunctionCode", "function:{own_name}"): "it moves, not makes",
        ("lambda:InvokeFunction", "function:{own_name}"): "it could call itself for ever",
    },
    "reanalyze_feedback": {
        ("dynamodb:Query", "table/{dynamodb_table_name}"): "the table holds e-mail addresses",
        ("dynamodb:GetItem", "table/{dynamodb_table_name}"): "the table holds e-mail addresses",
        ("dynamodb:Query", "table/{dynamodb_table_name}/index/recent"): "the list holds names",
        ("dynamodb:PutItem", "table/{dynamodb_table_name}"): "what is erased stays erased",
        ("dynamodb:UpdateItem", "table/{analytics_table_name}"): "only the aggregator counts",
    },
    "submit_message": {
        ("dynamodb:GetItem", "table/{messages_table_name}"): "a repeat is found by writing",
        ("dynamodb:UpdateItem", "table/{messages_table_name}"): "who hands in changes nothing",
        ("dynamodb:GetItem", "table/{recipients_table_name}"): "a limit is found by counting",
    },
    "submit_contact": {
        ("dynamodb:Query", "table/{messages_table_name}"): "visitors read nothing",
        ("dynamodb:UpdateItem", "table/{messages_table_name}"): "visitors change nothing",
        ("dynamodb:DeleteItem", "table/{recipients_table_name}"): "a limit is a limit",
    },
    "get_message": {
        ("dynamodb:PutItem", "table/{messages_table_name}"): "who reads writes nothing",
        ("dynamodb:Query", "table/{recipients_table_name}"): "one message is nobody else",
    },
    "get_contact": {
        ("dynamodb:PutItem", "table/{messages_table_name}"): "who reads writes nothing",
        ("dynamodb:Query", "table/{messages_table_name}"): "a visitor sees no history",
    },
    "send_email": {
        ("dynamodb:DeleteItem", "table/{messages_table_name}"): "what happened stays on record",
        ("dynamodb:Query", "table/{messages_table_name}"): "one message at a time",
        ("dynamodb:PutItem", "table/{recipients_table_name}"): "who sends suppresses nobody",
        ("dynamodb:DeleteItem", "table/{recipients_table_name}"): "who sends forgets no limit",
    },
    "settle_message": {
        ("dynamodb:DeleteItem", "table/{messages_table_name}"): "what happened stays on record",
        ("dynamodb:GetItem", "table/{recipients_table_name}"): "a failure is about a message",
    },
    "record_email_events": {
        ("dynamodb:GetItem", "table/{messages_table_name}"): "who hears of a message reads none",
        ("dynamodb:DeleteItem", "table/{messages_table_name}"): "what happened stays on record",
        (
            "dynamodb:DeleteItem",
            "table/{recipients_table_name}",
        ): "people take somebody off the list",
    },
    "unsubscribe": {
        ("dynamodb:Query", "table/{messages_table_name}"): "a link shows one message to the code",
        ("dynamodb:UpdateItem", "table/{messages_table_name}"): "a link changes no message",
        (
            "dynamodb:DeleteItem",
            "table/{recipients_table_name}",
        ): "people take somebody off the list",
    },
    "report_failed_messages": {
        ("dynamodb:Query", "table/{messages_table_name}"): "the table holds addresses",
        ("dynamodb:GetItem", "table/{messages_table_name}"): "the table holds addresses",
        ("dynamodb:GetItem", "table/{recipients_table_name}"): "a report is about no person",
    },
    "stream_aggregator": {
        ("dynamodb:GetItem", "table/{dynamodb_table_name}"): "the stream brings what it counts",
        ("dynamodb:PutItem", "table/{analytics_table_name}"): "a counter is added to, not set",
        ("dynamodb:DeleteItem", "table/{analytics_table_name}"): "nothing counted is forgotten",
        ("sqs:ReceiveMessage", "{queue}"): "dead letters wait for an operator",
    },
}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_is_denied_what_stands_beside(
    handler: str,
    deployment: Deployment,
    held: list[Resource],
    granted: dict[str, list[Permission]],
) -> None:
    beside = neighbours(handler, granted[handler], held)
    function = deployment.outputs["functions"][handler]
    _all_denied(deployment, function["role"], beside)

    queue = (function["dead_letter_queue"] or "").rsplit("/", 1)[-1]
    suffix = deployment.stack.suffix
    names = deployment.outputs | {
        "queue": queue,
        "aggregators_queue": f"stream-aggregator-{suffix}-dlq",
        "salt": f"/feedback/{suffix}/customer-salt",
        "own_name": function["name"],
    }
    tried = {(probe.action, resource.arn.split(":", 5)[-1]) for probe, resource in beside}
    for (action, name), why in DENIED_BESIDE.get(handler, {}).items():
        assert (action, name.format(**names)) in tried, why


@pytest.mark.parametrize("name", SERVICE_ROLES)
def test_a_services_role_is_denied_what_stands_beside(
    name: str, deployment: Deployment, held: list[Resource]
) -> None:
    role = f"{name}-{deployment.stack.suffix}"
    may = permissions(name, role, policies(deployment.client("iam"), role))
    _all_denied(deployment, role, neighbours(None, may, held))


def _all_denied(deployment: Deployment, role: str, beside: list[tuple[Probe, Resource]]) -> None:
    assert len(beside) > 100
    with carrier(deployment, f"arn:aws:iam::{emulator.ACCOUNT}:role/{role}") as attempt:
        answers = attempt([probe.call(resource) for probe, resource in beside], REFUSALS)
    assert answers[-1] in REFUSALS, _told(beside[len(answers) - 1], answers[-1])
    assert len(answers) == len(beside)


def test_the_probes_are_calls_that_succeed_for_who_may(deployment: Deployment) -> None:
    """As root, on things made for it: so what a role is refused, it is refused by IAM."""
    options: dict[str, Any] = {
        "endpoint_url": deployment.cloud.endpoint,
        "region_name": emulator.REGION,
        "aws_access_key_id": emulator.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": emulator.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    with scratch(deployment) as made:
        assert {resource.kind for resource in made} | {"account"} == PROBES.keys()
        tried = [(probe, r) for r in [WHOLE_ACCOUNT, *made] for probe in PROBES[r.kind]]
        answers = perform([probe.call(resource) for probe, resource in tried], [DONE], **options)
    assert answers[-1] == DONE, _told(tried[len(answers) - 1], answers[-1])
    assert len(answers) == len(tried)


def _told(attempt: tuple[Probe, Resource], answer: str) -> str:
    probe, resource = attempt
    return f"{probe.action} on {resource.arn} was answered: {answer}"


# --- what the embedded cloud does not ask for (tests/reviewed_permissions.yaml) -----------


def test_a_function_writes_its_own_log_only(
    deployment: Deployment, granted: dict[str, list[Permission]]
) -> None:
    for handler, function in deployment.outputs["functions"].items():
        found = {(p.action, p.resource) for p in granted[handler] if p.action.startswith("logs:")}
        group = (
            f"arn:aws:logs:{emulator.REGION}:{emulator.ACCOUNT}:log-group:{function['log_group']}"
        )
        own = f"{group}:log-stream:*"
        assert found == {("logs:CreateLogStream", own), ("logs:PutLogEvents", own)}
        configuration = _configuration(deployment, function["name"])
        assert configuration["LoggingConfig"]["LogGroup"] == function["log_group"]


def test_traces_are_allowed_exactly_where_they_are_on(
    deployment: Deployment, granted: dict[str, list[Permission]]
) -> None:
    for handler, function in deployment.outputs["functions"].items():
        found = {p.action for p in granted[handler] if p.action.startswith("xray:")}
        on = _configuration(deployment, function["name"])["TracingConfig"]["Mode"] == "Active"
        assert found == ({"xray:PutTraceSegments", "xray:PutTelemetryRecords"} if on else set())


def test_streams_may_be_read_exactly_by_those_they_feed(
    deployment: Deployment, granted: dict[str, list[Permission]]
) -> None:
    functions = deployment.client("lambda")
    fed = 0
    for handler, function in deployment.outputs["functions"].items():
        mappings = functions.list_event_source_mappings(FunctionName=f"{function['name']}:live")
        arns = [m["EventSourceArn"] for m in mappings["EventSourceMappings"]]
        streams = {arn for arn in arns if "/stream/" in arn}
        fed += len(streams)
        for action in ("DescribeStream", "GetRecords", "GetShardIterator"):
            allowed = {p.resource for p in granted[handler] if p.action == f"dynamodb:{action}"}
            assert allowed == streams, handler
        may_list = [p for p in granted[handler] if p.action == "dynamodb:ListStreams"]
        assert bool(may_list) == bool(streams), handler
    assert fed


def _configuration(deployment: Deployment, name: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment.client("lambda").get_function_configuration(
        FunctionName=name, Qualifier="live"
    )
    return found


# --- who may take a role, and who may call a function ------------------------------------


def test_a_role_is_taken_by_its_own_service_only(deployment: Deployment) -> None:
    iam = deployment.client("iam")
    functions = {f["role"]: "lambda" for f in deployment.outputs["functions"].values()}
    for name, service in (functions | _service_roles(deployment)).items():
        role = iam.get_role(RoleName=name)["Role"]
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        if name not in functions:
            condition = statement["Condition"]
            assert condition["StringEquals"] == {"aws:SourceAccount": emulator.ACCOUNT}


def test_a_function_is_called_by_its_own_operations_only(deployment: Deployment) -> None:
    """Each alias grants API Gateway the method and path that are routed to it, and nobody
    anything else. The embedded cloud's gateway calls without being granted."""
    gateway, functions = deployment.client("apigateway"), deployment.client("lambda")
    api = deployment.outputs["api_gateway_id"]
    stage = f"arn:aws:execute-api:{emulator.REGION}:{emulator.ACCOUNT}:{api}/prod"
    routed: dict[str, set[str]] = {}
    for resource in gateway.get_resources(restApiId=api, embed=["methods"])["items"]:
        path = re.sub(r"\{[^}]+\}", "*", resource["path"])
        for verb, method in resource.get("resourceMethods", {}).items():
            uri = method.get("methodIntegration", {}).get("uri", "")
            if alias := re.search(r"functions/(arn:.+)/invocations$", uri):
                routed.setdefault(alias[1], set()).add(f"{stage}/{verb}{path}")
    assert routed
    name = deployment.outputs["functions"]["rollback_orchestrator"]["name"]
    told = functions.get_alias(FunctionName=name, Name="live")["AliasArn"]
    heard = functions.get_alias(
        FunctionName=deployment.outputs["functions"]["record_email_events"]["name"], Name="live"
    )["AliasArn"]
    topics = {
        told: deployment.outputs["critical_topic_arn"],
        heard: deployment.outputs["email_events_topic_arn"],
    }
    routed |= {alias: {topic} for alias, topic in topics.items()}
    for handler, function in deployment.outputs["functions"].items():
        alias = functions.get_alias(FunctionName=function["name"], Name="live")["AliasArn"]
        granted = set()
        for statement in _statements(functions, function["name"]):
            assert statement["Effect"] == "Allow"
            assert statement["Action"] == "lambda:InvokeFunction"
            assert statement["Resource"] == alias
            service = "sns" if alias in topics else "apigateway"
            assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
            (operator,) = statement["Condition"].items()
            assert operator[0] == "ArnLike"
            (key,) = operator[1].items()
            assert key[0].lower() == "aws:sourcearn"
            granted.add(key[1])
        assert granted == routed.pop(alias, set()), handler
    assert routed == {}


def _statements(functions: Any, name: str) -> list[dict[str, Any]]:
    """The resource policy of the alias and that of the function itself. (The embedded cloud
    keeps one for both, and answers it to either question.)"""
    found: list[dict[str, Any]] = []
    for qualifier in ({"Qualifier": "live"}, {}):
        try:
            policy = functions.get_policy(FunctionName=name, **qualifier)["Policy"]
        except functions.exceptions.ResourceNotFoundException:
            continue
        found += json.loads(policy)["Statement"]
    return found

"""A cold start pays for every import: functions load what they use."""

import re
import subprocess
import sys

import pytest

from tests.unit.platform import ENVIRONMENT, HANDLERS, ROOT

WATCHED = {
    "pydantic", "email_validator", "vaderSentiment", "dns", "requests", "aws_xray_sdk",
    "boto3", "s3transfer", "botocore.session", "moto",
}  # fmt: skip
BODIES = {"pydantic", "email_validator"}
NEEDED = {handler: {"botocore.session"} for handler in HANDLERS} | {
    "feedback_processor": {"botocore.session", "vaderSentiment", *BODIES},
    "create_task": {"botocore.session", "pydantic"},
    "update_task": {"botocore.session", "pydantic"},
    "health": set(),
    "submit_contact": {"botocore.session", *BODIES},
    "submit_message": {"botocore.session", *BODIES},
}
PROGRAM = """
import sys
sys.path[:0] = [{handler!r}, {sources!r}]
import handler
print(*(name for name in {watched!r} if name in sys.modules))
"""
# Tells of the garbage collector while the SDK is imported and when the handler is ready.
WATCH = """
import gc, sys
during = []
sys.addaudithook(
    lambda event, values: during.append(gc.isenabled())
    if event == "import" and values[0] == "botocore" else None
)
"""
TELL = "print('collector', any(during), gc.isenabled(), gc.get_freeze_count() > 0)"


def run(
    handler: str, environment: dict[str, str], before: str = "", after: str = ""
) -> subprocess.CompletedProcess[str]:
    sources = ROOT / "lambda_src"
    program = PROGRAM.format(
        handler=str(sources / handler), sources=str(sources), watched=sorted(WATCHED)
    )
    return subprocess.run(
        [sys.executable, "-c", before + program + after],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def imported(handler: str, **environment: str) -> set[str]:
    return set(run(handler, environment).stdout.split())


@pytest.mark.parametrize("handler", HANDLERS)
def test_handlers_import_what_they_need(handler: str) -> None:
    assert imported(handler) == NEEDED[handler]


def test_the_lexicon_waits_until_comprehend_fails() -> None:
    found = imported("feedback_processor", SENTIMENT_ENGINE="comprehend")
    assert found == {"botocore.session", *BODIES}


@pytest.mark.parametrize("handler", sorted(set(HANDLERS) - {"health"}))
def test_a_missing_variable_is_named(handler: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as error:
        imported(
            handler,
            FEEDBACK_TABLE_NAME="",
            ANALYTICS_TABLE_NAME="",
            DEPLOYMENTS_TABLE_NAME="",
            MESSAGES_TABLE_NAME="",
            LAKE_BUCKET="",
            TASKS_TABLE_NAME="",
        )
    assert "SettingsError: Environment: " in error.value.stderr
    assert re.search(r"(_TABLE_NAME|LAKE_BUCKET) is not set", error.value.stderr)


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_collector_rests_during_a_cold_start_only(handler: str) -> None:
    done = run(handler, {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, WATCH, TELL)
    assert done.stdout.splitlines()[-1] == "collector False True True"
    elsewhere = run(handler, {}, WATCH, TELL)
    assert elsewhere.stdout.splitlines()[-1] == "collector True True False"

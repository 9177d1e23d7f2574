"""make suppression: looks up, puts on and takes off by the address, which is stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.suppression import SuppressionList
from ops.suppression import main

TABLE = "recipients-test"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        made = boto3.client("dynamodb", region_name="us-west-1")
        made.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "recipient", "KeyType": "HASH"},
                {"AttributeName": "entry", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("recipient", "entry")
            ],
        )
        yield made


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    file = tmp_path / "outputs.json"
    values = {"aws_region": "us-west-1", "recipients_table_name": TABLE}
    file.write_text(json.dumps(values))
    return file


def run(
    capsys: pytest.CaptureFixture[str], outputs: Path, address: str, *more: str
) -> tuple[int, str]:
    code = main(["--outputs", str(outputs), "--address", address, *more])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_it_tells_why(dynamodb: Any, outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, outputs, "ada@example.com") == (0, "Not on the list.\n")
    at = datetime(2026, 3, 31, 4, 30, tzinfo=UTC)
    suppression = SuppressionList(dynamodb, TABLE)
    suppression.suppress(recipient_key("ada@example.com"), "bounced", "message-1", at)
    # However it is written.
    assert run(capsys, outputs, "Ada@Example.com") == (
        0,
        "Suppressed since 2026-03-31T04:30:00.000Z: bounced, by message message-1.\n",
    )


def test_it_puts_on_and_takes_off(
    dynamodb: Any, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, outputs, "ada@example.com", "--set", "on")
    assert code == 0
    assert said.splitlines()[0] == "Not on the list."
    assert said.splitlines()[1].endswith(": by_hand.")
    suppression = SuppressionList(dynamodb, TABLE)
    assert suppression.reason(recipient_key("ada@example.com")) == "by_hand"
    assert "ada@example.com" not in json.dumps(dynamodb.scan(TableName=TABLE)["Items"])
    code, said = run(capsys, outputs, "ada@example.com", "--set", "off")
    assert (code, said.splitlines()[1]) == (0, "Now: Not on the list.")
    assert suppression.reason(recipient_key("ada@example.com")) is None


def test_a_domain_of_other_letters_is_the_one_that_messages_have(
    dynamodb: Any, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, outputs, "ada@b\u00fccher.example.com", "--set", "on")[0] == 0
    suppression = SuppressionList(dynamodb, TABLE)
    assert suppression.reason(recipient_key("ada@xn--bcher-kva.example.com")) == "by_hand"


@pytest.mark.parametrize("address", ["Ada <ada@example.com>", "ada@example.com,b@c.org", "+49 151"])
def test_what_no_message_is_sent_to_is_refused(
    address: str, dynamodb: Any, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, outputs, address, "--set", "on")
    assert code == 1
    assert "must be one bare e-mail address" in said
    assert dynamodb.scan(TableName=TABLE)["Items"] == []


def test_it_needs_an_address_and_a_stack_that_has_the_table(
    dynamodb: Any, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, outputs, " ")[0] == 1
    outputs.write_text(json.dumps({"aws_region": "us-west-1"}))
    code, said = run(capsys, outputs, "ada@example.com")
    assert code == 1
    assert "recipients_table_name" in said

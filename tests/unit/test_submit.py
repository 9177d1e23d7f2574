"""POST /feedback."""

import base64
import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from customer_platform.dynamodb import from_item
from customer_platform.feedback.models import MESSAGE_PATTERN, NAME_PATTERN
from customer_platform.tasks.models import LINE_PATTERN
from customer_platform.text import trimmed
from tests.unit.platform import FORM, IDEMPOTENCY, TEXT, Platform

type Output = Callable[[], list[dict[str, Any]]]


def test_a_form_is_answered_with_the_stored_item(platform: Platform) -> None:
    answer = platform.post({**FORM, "name": "\u00a0 Ada Lovelace\u3000\ufeff"})
    assert answer.status == 201
    assert list(answer.body) == [
        "feedbackId", "name", "email", "rating", "message", "sentiment", "createdAt",
    ]  # fmt: skip
    assert answer.body.items() >= FORM.items()
    assert answer.body["sentiment"] == "positive"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.body["createdAt"])
    [stored] = map(from_item, platform.items())
    assert stored.items() >= answer.body.items()
    created_at, feedback_id = answer.body["createdAt"], answer.body["feedbackId"]
    assert uuid.UUID(feedback_id).version == 4
    assert stored["kindBucket"] == f"{created_at[:10]}#positive#5"
    assert stored["listBucket"] == f"{created_at[:10]}#{uuid.UUID(feedback_id).int % 4}"
    assert stored["sortKey"] == f"{created_at}#{feedback_id}"
    assert stored["expiresAt"] == stored["timestamp"] + 30 * 86_400
    assert (stored["engine"], stored["language"]) == ("lexicon", "en")
    assert sum(stored["sentimentScores"].values()) == pytest.approx(1, abs=0.001)


def test_a_text_is_answered_in_the_documents_words(platform: Platform) -> None:
    answer = platform.post({"feedback": TEXT["feedback"]})
    assert answer.status == 200
    [stored] = map(from_item, platform.items())
    assert answer.body == {
        "message": "Feedback processed successfully",
        "feedbackId": stored["feedbackId"],
        "sentiment": "NEGATIVE",
    }
    assert stored["customerId"] == "anonymous"
    assert stored["kindBucket"].endswith("#negative#0")
    assert not {"name", "email", "rating"} & stored.keys()


@pytest.mark.parametrize(
    "message",
    [
        "😀" * 5000,
        "e\u0301" * 2500,
        "شكرا جزيلا \u202bעברית\u202c",
        "line one\r\n\tline two",
        "  trimmed  " + " " * 5000,
    ],
    ids=["emoji", "combining", "right-to-left", "lines", "trimmed"],
)
def test_text_of_all_kinds_comes_back_as_it_was(platform: Platform, message: str) -> None:
    answer = platform.post({**FORM, "message": message})
    assert answer.status == 201
    assert answer.body["message"] == message.strip()
    assert platform.get(answer.body["feedbackId"]).body["message"] == message.strip()


@pytest.mark.parametrize("blank", [" ", "\u3000", "\n", "\ufeff"])
def test_blanks_inside_a_long_text_take_no_time(platform: Platform, blank: str) -> None:
    """Looking for the end of the text from each of them took twenty seconds."""
    text = json.dumps({"feedback": f"x{blank * 20_000}x"}, ensure_ascii=False)
    started = time.monotonic()
    assert platform.post(text).status == 400
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("pattern", [NAME_PATTERN, MESSAGE_PATTERN, LINE_PATTERN])
def test_what_is_trimmed_is_what_the_pattern_allows_at_the_edges(pattern: str) -> None:
    edge = re.match(r"\^\[([^\]]*)\]\*", pattern)
    assert edge
    alone = re.compile(f"[{edge[1]}]")
    trim = trimmed(edge[1]).func
    for code in range(0x10000):
        assert (trim(chr(code)) == "") == bool(alone.match(chr(code))), hex(code)  # type: ignore[call-arg]


BAD_BODIES: dict[str, tuple[Any, int, set[str]]] = {
    "nothing": ("", 400, set()),
    "spaces": ("  ", 400, set()),
    "bad JSON": ("{'feedback': 1}", 400, set()),
    "two values": ("{}{}", 400, set()),
    "byte order mark": ('\ufeff{"feedback":"x"}', 400, set()),
    "array": ("[]", 400, set()),
    "string": ('"feedback"', 400, set()),
    "null": ("null", 400, set()),
    "NaN": ('{"feedback": NaN}', 400, set()),
    "infinity": ('{"feedback": -Infinity}', 400, set()),
    "same key twice": ('{"feedback":"a","feedback":"b"}', 400, set()),
    "lone surrogate": ('{"feedback":"a\\ud800"}', 400, set()),
    "lone surrogate, raw": ('{"feedback":"\ud800"}', 400, set()),
    "lone surrogate in a name": ('{"\\udfff":"a"}', 400, set()),
    "deep": ("[" * 30_000, 400, set()),
    "deep object": ('{"a":' * 10_000 + "1" + "}" * 10_000, 400, set()),
    "huge number": ('{"rating": ' + "9" * 5000 + "}", 400, set()),
    "huge exponent": ('{"rating": 1e999}', 400, {"name", "email", "message", "rating"}),
    "1 MB": ({"feedback": "x" * 1_000_000}, 413, set()),
    "64 KB and a bit": ({"feedback": "x" * 65_536}, 413, set()),
    "empty object": ({}, 400, {"feedback"}),
    "no text": ({"customer_id": "c"}, 400, {"feedback"}),
    "empty text": ({"feedback": ""}, 400, {"feedback"}),
    "blank text": ({"feedback": " \n"}, 400, {"feedback"}),
    "long text": ({"feedback": "x" * 5001}, 400, {"feedback"}),
    "text of another type": ({"feedback": 5}, 400, {"feedback"}),
    "null text": ({"feedback": None}, 400, {"feedback"}),
    "list for text": ({"feedback": ["x"]}, 400, {"feedback"}),
    "control character in text": ({"feedback": "a\u0000b"}, 400, {"feedback"}),
    "customer id": ({"feedback": "x", "customer_id": "a b"}, 400, {"customer_id"}),
    "long customer id": ({"feedback": "x", "customer_id": "c" * 129}, 400, {"customer_id"}),
    "customer id ends in a line": ({"feedback": "x", "customer_id": "a\n"}, 400, {"customer_id"}),
    "unknown field": ({"feedback": "x", "admin": True}, 400, {"admin"}),
    "both bodies": ({**FORM, "feedback": "x"}, 400, {"feedback"}),
    "missing fields": ({"name": "Ada"}, 400, {"email", "rating", "message"}),
    "unknown field of a form": ({**FORM, "sentiment": "positive"}, 400, {"sentiment"}),
    "short name": ({**FORM, "name": " a "}, 400, {"name"}),
    "long name": ({**FORM, "name": "a" * 101}, 400, {"name"}),
    "name of two lines": ({**FORM, "name": "a\nb"}, 400, {"name"}),
    "name turned round": ({**FORM, "name": "nimda\u202eadmin"}, 400, {"name"}),
    "name ends in a line": ({**FORM, "name": "Ada\n"}, 400, {"name"}),
    "name begins with a control": ({**FORM, "name": "\u001fAda"}, 400, {"name"}),
    "name ends in a control": ({**FORM, "name": "Ada\u0085"}, 400, {"name"}),
    "name of nothing to see": ({**FORM, "name": "\u200b\u200b"}, 400, {"name"}),
    "name of fillers": ({**FORM, "name": "\u3164\u3164"}, 400, {"name"}),
    "name of letters that are not there": ({**FORM, "name": "\u115f\u1160\uffa0"}, 400, {"name"}),
    "name of tag characters": ({**FORM, "name": "\U000e0041\U000e0042"}, 400, {"name"}),
    "name with a line separator": ({**FORM, "name": "Ada\u2028Bcc"}, 400, {"name"}),
    "message begins with a control": ({**FORM, "message": "\u001chello"}, 400, {"message"}),
    "message ends in a control": ({**FORM, "message": "hello\u000b"}, 400, {"message"}),
    "message of nothing to see": ({**FORM, "message": "\u200b"}, 400, {"message"}),
    "text ends in a control": ({"feedback": "x\u001f"}, 400, {"feedback"}),
    "no address": ({**FORM, "email": "ada"}, 400, {"email"}),
    "address without dot": ({**FORM, "email": "ada@localhost"}, 400, {"email"}),
    "two addresses": ({**FORM, "email": "a@example.com, b@example.com"}, 400, {"email"}),
    "address with a name": ({**FORM, "email": "Ada <ada@example.com>"}, 400, {"email"}),
    "header injection": ({**FORM, "email": "a@example.com\r\nBcc: b@example.com"}, 400, {"email"}),
    "long address": ({**FORM, "email": "a" * 60 + "@" + "b." * 120 + "com"}, 400, {"email"}),
    "rating 0": ({**FORM, "rating": 0}, 400, {"rating"}),
    "rating 6": ({**FORM, "rating": 6}, 400, {"rating"}),
    "rating as text": ({**FORM, "rating": "5"}, 400, {"rating"}),
    "rating as float": ({**FORM, "rating": 5.0}, 400, {"rating"}),
    "rating as boolean": ({**FORM, "rating": True}, 400, {"rating"}),
    "rating null": ({**FORM, "rating": None}, 400, {"rating"}),
    "rating of many digits": ({**FORM, "rating": 10**400}, 400, {"rating"}),
    "empty message": ({**FORM, "message": ""}, 400, {"message"}),
    "long message": ({**FORM, "message": "x" * 5001}, 400, {"message"}),
    "delete character": ({**FORM, "message": "a\u007f"}, 400, {"message"}),
    "escape character": ({**FORM, "message": "\u001b[31mred"}, 400, {"message"}),
}


@pytest.mark.parametrize(("body", "status", "fields"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused_and_nothing_is_stored(
    platform: Platform, body: Any, status: int, fields: set[str]
) -> None:
    answer = platform.post(body, key="key")
    assert answer.status == status
    assert answer.body.keys() == {"error", "message", "details", "requestId"}
    assert {detail["field"] for detail in answer.body["details"]} == fields
    assert answer.body["error"] == {400: "ValidationError", 413: "PayloadTooLarge"}[status]
    assert answer.body["requestId"] == "gateway-request"
    assert platform.is_empty()


@pytest.mark.parametrize("body", [{}, {"feedback": ""}, {"customer_id": "c"}])
def test_missing_text_is_told_in_the_documents_words(platform: Platform, body: Any) -> None:
    assert platform.post(body).body["message"] == "Feedback text is required"


def test_issues_are_plain_words(platform: Platform) -> None:
    body = {"name": "A", "email": "x", "rating": 9, "message": "x" * 5001, "extra": 1}
    answer = platform.post(body)
    assert {d["field"]: d["issue"] for d in answer.body["details"]} == {
        "name": "must have at least 2 characters",
        "email": "must be an e-mail address",
        "rating": "must be at most 5",
        "message": "must have at most 5000 characters",
        "extra": "is not a known field",
    }


def test_a_flood_of_unknown_fields_makes_a_short_answer(platform: Platform) -> None:
    answer = platform.post({"f" * 200 + str(number): 1 for number in range(200)})
    assert answer.status == 400
    assert len(answer.body["details"]) == 20
    assert max(len(detail["field"]) for detail in answer.body["details"]) <= 103


@pytest.mark.parametrize("content_type", ["text/plain", "application/jsonp", "multipart/form-data"])
def test_another_content_type_is_refused(platform: Platform, content_type: str) -> None:
    answer = platform.post(TEXT, headers={"Content-Type": content_type})
    assert (answer.status, answer.body["error"]) == (415, "UnsupportedMediaType")
    assert platform.is_empty()


@pytest.mark.parametrize("headers", [None, {}, {"CONTENT-TYPE": "Application/JSON;charset=utf8"}])
def test_a_missing_content_type_is_json(platform: Platform, headers: Any) -> None:
    assert platform.post(TEXT, headers=headers).status == 200


def test_base64_bodies(platform: Platform) -> None:
    encoded = base64.b64encode(json.dumps(TEXT).encode()).decode()
    assert platform.post(encoded, isBase64Encoded=True).status == 200
    for broken in ("$$$", base64.b64encode(b"\xff\xfe{}").decode(), "e30=\ud800"):
        assert platform.post(broken, isBase64Encoded=True).status == 400
    assert len(platform.items()) == 1


# --- Idempotency-Key


@pytest.mark.parametrize("body", [FORM, TEXT], ids=["form", "text"])
def test_a_repeat_gets_the_first_answer(platform: Platform, output: Output, body: Any) -> None:
    first = platform.post(body, key="abc")
    reordered = dict(reversed(body.items()))
    second = platform.post(reordered, key="abc")
    assert (second.status, second.text) == (first.status, first.text)
    assert len(platform.items()) == 1
    assert sum("FeedbackProcessed" in line for line in output()) == 1


def test_the_record_holds_nothing_personal(platform: Platform) -> None:
    platform.post(FORM, key="ada@example.com")
    [record] = map(from_item, platform.items(IDEMPOTENCY))
    assert record.keys() == {
        "idempotencyKey", "requestHash", "kind", "feedbackId", "createdAt", "sentiment",
        "expiresAt",
    }  # fmt: skip
    assert not re.search("(?i)ada@|lovelace|example|wonder", str(record))


@pytest.mark.parametrize("other", [{**FORM, "rating": 4}, {"feedback": FORM["message"]}])
def test_another_body_under_the_key_is_refused(platform: Platform, other: Any) -> None:
    first = platform.post(FORM, key="abc")
    answer = platform.post(other, key="abc")
    assert (answer.status, answer.body["error"]) == (422, "IdempotencyConflict")
    assert [item["feedbackId"]["S"] for item in platform.items()] == [first.body["feedbackId"]]


def test_another_key_is_another_submission(platform: Platform) -> None:
    ids = {platform.post(FORM, key=key).body["feedbackId"] for key in ("a", "A", None)}
    assert len(ids) == len(platform.items()) == 3


def test_an_expired_record_counts_as_absent(platform: Platform) -> None:
    platform.post(FORM, key="abc")
    [record] = platform.items(IDEMPOTENCY)
    platform.dynamodb.put_item(
        TableName=IDEMPOTENCY, Item={**record, "expiresAt": {"N": "1000000000"}}
    )
    assert platform.post({**FORM, "rating": 1}, key="abc").status == 201
    assert len(platform.items()) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "é", "a\n"])
def test_a_bad_key_is_refused(platform: Platform, key: str) -> None:
    answer = platform.post(FORM, key=key)
    assert answer.status == 400
    assert [detail["field"] for detail in answer.body["details"]] == ["Idempotency-Key"]
    assert platform.is_empty()


@pytest.mark.usefixtures("one_call_at_a_time")
def test_concurrent_repeats_store_once(platform: Platform) -> None:
    start = threading.Barrier(8)

    def submit(_number: int) -> str:
        start.wait()
        return platform.post(FORM, key="abc").text

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(submit, range(8)))) == 1
    assert len(platform.items()) == 1


def _cancelled(*reasons: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "ada@example.com"},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )


def _failing(client: Any, method: str, monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
    """The first calls fail, one error each; the rest go through."""
    left, real = list(errors), getattr(client, method)

    def call(**parameters: Any) -> Any:
        if left:
            raise left.pop(0)
        return real(**parameters)

    monkeypatch.setattr(client, method, call)


def test_contention_is_retried(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    client = platform.modules["feedback_processor"].STORE._dynamodb
    errors = [_cancelled("TransactionConflict", "None"), _cancelled("None", "ThrottlingError")]
    _failing(client, "transact_write_items", monkeypatch, *errors)
    assert platform.post(FORM, key="abc").status == 201
    assert len(platform.items()) == 1


def test_lasting_contention_is_503(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    client = platform.modules["feedback_processor"].STORE._dynamodb
    errors = [_cancelled("TransactionConflict", "None")] * 20
    _failing(client, "transact_write_items", monkeypatch, *errors)
    answer = platform.post(FORM, key="abc")
    assert (answer.status, answer.body["error"]) == (503, "ServiceUnavailable")
    assert answer.headers["Retry-After"] == "2"
    assert platform.is_empty()


def test_a_lost_answer_does_not_fail_the_put(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore repeats a put that timed out; the repeat meets what the first one stored."""
    client = platform.modules["feedback_processor"].STORE._dynamodb
    real = client.put_item

    def twice(**parameters: Any) -> Any:
        real(**parameters)
        return real(**parameters)

    monkeypatch.setattr(client, "put_item", twice)
    assert platform.post(FORM).status == 201
    assert len(platform.items()) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [("ProvisionedThroughputExceededException", 503), ("AccessDeniedException", 500)],
)
def test_a_failing_table(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, output: Output, code: str, status: int
) -> None:
    client = platform.modules["feedback_processor"].STORE._dynamodb
    error = ClientError({"Error": {"Code": code, "Message": "ada@example.com"}}, "PutItem")
    _failing(client, "put_item", monkeypatch, error)
    assert platform.post(FORM).status == status
    lines = output()
    assert any("ProcessingErrors" in line for line in lines)
    assert any(line.get("errors", [{}])[0].get("code") == code for line in lines)
    assert "ada@example.com" not in str(lines)

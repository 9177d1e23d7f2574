"""GET and DELETE /feedback/{feedbackId}, GET /health."""

from datetime import timedelta

import pytest

from customer_platform import clock
from tests.unit import seeding
from tests.unit.platform import ENVIRONMENT, FEEDBACK, FORM, TEXT, Platform

UNKNOWN = "550e8400-e29b-41d4-a716-446655440000"


def test_one_piece_is_public(platform: Platform) -> None:
    stored = platform.post(FORM).body
    answer = platform.get(stored["feedbackId"])
    assert answer.status == 200
    assert answer.body == {name: value for name, value in stored.items() if name != "email"}
    assert answer.headers["Cache-Control"] == "no-store"
    text = platform.get(platform.post(TEXT).body["feedbackId"])
    assert text.body["name"] == "Anonymous"
    assert text.body["rating"] is None
    assert "customer-42" not in text.text


def test_an_expired_piece_is_gone(platform: Platform) -> None:
    expired = seeding.item(clock.now() - timedelta(days=30, seconds=1))
    seeding.store(expired)
    assert platform.get(expired["feedbackId"]["S"]).status == 404


def test_an_erased_piece_is_gone(platform: Platform) -> None:
    feedback_id = platform.post(FORM).body["feedbackId"]
    other = platform.post(TEXT).body["feedbackId"]
    answer = platform.delete(feedback_id)
    assert (answer.status, answer.text) == (204, "")
    assert "Content-Type" not in answer.headers
    assert platform.get(feedback_id).status == platform.delete(feedback_id).status == 404
    assert [item["feedbackId"] for item in platform.page().body["items"]] == [other]


def test_every_item_of_an_id_is_erased(platform: Platform) -> None:
    """One id has one item, unless an import wrote another with the same id."""
    item = seeding.item(clock.now())
    seeding.store(item, {**item, "timestamp": {"N": "5"}})
    assert platform.delete(item["feedbackId"]["S"]).status == 204
    assert platform.items(FEEDBACK) == []


@pytest.mark.parametrize(
    ("feedback_id", "status"),
    [
        (UNKNOWN, 404),
        (UNKNOWN.upper(), 400),
        (UNKNOWN.replace("-", ""), 400),
        ("", 400),
        ("../analytics", 400),
        (UNKNOWN + "\n", 400),
        ("x" * 10_000, 400),
    ],
)
def test_unknown_and_malformed_ids(platform: Platform, feedback_id: str, status: int) -> None:
    for answer in (platform.get(feedback_id), platform.delete(feedback_id)):
        assert answer.status == status
        assert answer.body["error"] == {400: "ValidationError", 404: "NotFound"}[status]


def test_health(platform: Platform) -> None:
    answer = platform.call("health", {"resource": "/health"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    clock.parse_iso(answer.body.pop("timestamp"))
    assert answer.body == {"status": "ok", "version": "7", "region": ENVIRONMENT["AWS_REGION"]}

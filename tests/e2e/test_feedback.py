"""The feedback contract over HTTP: both bodies, idempotency, listing, erasure, analytics."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Deployment, eventually

SUBMISSION = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "rating": 5,
    "message": "Wonderful, I love it!",
}


def submit(api: httpx.Client, **changes: Any) -> dict[str, Any]:
    response = api.post("/feedback", json=SUBMISSION | changes)
    assert response.status_code == 201, response.text
    item: dict[str, Any] = response.json()
    return item


def pages(api: httpx.Client, **query: Any) -> list[list[dict[str, Any]]]:
    """Every page of a listing, to its end."""
    found: list[list[dict[str, Any]]] = []
    last_key = None
    while True:
        response = api.get("/feedback", params=query | ({"lastKey": last_key} if last_key else {}))
        assert response.status_code == 200, response.text
        page = response.json()
        assert page["count"] == len(page["items"]) <= int(query.get("limit", 10))
        found.append(page["items"])
        last_key = page["lastKey"]
        if last_key is None:
            return found


def analytics(api: httpx.Client, **query: Any) -> dict[str, Any]:
    response = api.get("/analytics", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_submission_is_answered_with_what_was_stored(
    api: httpx.Client, deployment: Deployment
) -> None:
    item = submit(api)
    assert item.keys() == {*SUBMISSION, "feedbackId", "sentiment", "createdAt"}
    assert {name: item[name] for name in SUBMISSION} == SUBMISSION
    assert item["sentiment"] == "positive"
    assert datetime.fromisoformat(item["createdAt"]).tzinfo == UTC
    stored = deployment.client("dynamodb").query(
        TableName=deployment.outputs["dynamodb_table_name"],
        KeyConditionExpression="feedbackId = :id",
        ExpressionAttributeValues={":id": {"S": item["feedbackId"]}},
        ConsistentRead=True,
    )["Items"]
    assert len(stored) == 1
    assert stored[0]["message"]["S"] == SUBMISSION["message"]
    assert stored[0]["engine"]["S"] == "lexicon"
    created = int(datetime.fromisoformat(item["createdAt"]).timestamp())
    assert int(stored[0]["timestamp"]["N"]) == created
    assert int(stored[0]["expiresAt"]["N"]) == created + 30 * 86400


def test_plain_text_feedback_is_processed(api: httpx.Client) -> None:
    response = api.post("/feedback", json={"feedback": "Terrible, it broke.", "customer_id": "c-1"})
    assert response.status_code == 200
    body = response.json()
    assert body == {
        "message": "Feedback processed successfully",
        "feedbackId": body["feedbackId"],
        "sentiment": "NEGATIVE",
    }
    found = api.get(f"/feedback/{body['feedbackId']}").json()
    assert found["message"] == "Terrible, it broke."
    assert "c-1" not in str(found)


def test_text_of_any_script_comes_back_unchanged(api: httpx.Client) -> None:
    message = "שלום 👩‍👩‍👧 مرحبا — naïve\nnew line\ttab 𝒳"
    item = submit(api, name="Zoë 🦊", message=message)
    assert item["message"] == message
    assert api.get(f"/feedback/{item['feedbackId']}").json()["message"] == message


def test_nobody_reads_an_email_address(api: httpx.Client) -> None:
    address = f"secret-{uuid.uuid4().hex}@example.com"
    item = submit(api, email=address)
    one = api.get(f"/feedback/{item['feedbackId']}")
    many = api.get("/feedback", params={"limit": 100})
    assert one.status_code == 200
    assert item["feedbackId"] in many.text
    assert address not in one.text + many.text


def test_a_repeated_request_gets_the_first_answer(
    api: httpx.Client, deployment: Deployment
) -> None:
    before = deployment.count("dynamodb_table_name")
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: api.post("/feedback", json=SUBMISSION, headers=headers), range(16))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert deployment.count("dynamodb_table_name") == before + 1


def test_another_body_under_the_same_key_is_refused(
    api: httpx.Client, deployment: Deployment
) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    assert api.post("/feedback", json=SUBMISSION, headers=headers).status_code == 201
    before = deployment.count("dynamodb_table_name")
    changed = api.post("/feedback", json=SUBMISSION | {"rating": 1}, headers=headers)
    assert changed.status_code == 422
    assert changed.json()["error"] == "IdempotencyConflict"
    assert deployment.count("dynamodb_table_name") == before


def test_erasure_needs_a_key_and_leaves_nothing(api: httpx.Client, deployment: Deployment) -> None:
    path = f"/feedback/{submit(api)['feedbackId']}"
    assert api.delete(path).status_code == 403
    assert api.delete(path, headers={"x-api-key": "x" * 32}).status_code == 403
    assert api.get(path).status_code == 200
    gone = api.delete(path, headers=deployment.key("operator"))
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert api.delete(path, headers=deployment.key("operator")).status_code == 404


def test_250_items_are_paged_through_newest_first_while_more_arrive(api: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {item["feedbackId"] for item in pool.map(lambda _: submit(api), range(250))}
    assert len(ids) == 250
    walked: list[dict[str, Any]] = []
    last_key = None
    while True:
        params = {"limit": 40} | ({"lastKey": last_key} if last_key else {})
        page = api.get("/feedback", params=params).json()
        walked += page["items"]
        submit(api)  # arrives on top: no page below may shift
        last_key = page["lastKey"]
        if last_key is None:
            break
    times = [item["createdAt"] for item in walked]
    assert times == sorted(times, reverse=True)
    counts = Counter(item["feedbackId"] for item in walked)
    assert set(counts.values()) == {1}
    assert ids <= counts.keys()


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"rating": 2}, lambda item: item["rating"] == 2),
        ({"sentiment": "negative"}, lambda item: item["sentiment"] == "negative"),
        (
            {"rating": 2, "sentiment": "negative"},
            lambda item: (item["rating"], item["sentiment"]) == (2, "negative"),
        ),
    ],
)
def test_filters_find_all_that_match_and_nothing_else(
    api: httpx.Client, query: dict[str, Any], matches: Any
) -> None:
    sent = [
        submit(api, rating=rating, message=message)
        for rating in (1, 2)
        for message in ("Awful, I hate it.", "Great, I love it.", "It is a table.")
    ]
    found = [item for page in pages(api, limit=50, **query) for item in page]
    assert all(matches(item) for item in found)
    expected = {item["feedbackId"] for item in sent if matches(item)}
    assert expected
    assert expected <= {item["feedbackId"] for item in found}


def test_analytics_count_every_item_once(api: httpx.Client) -> None:
    settled_total(api)
    before = analytics(api, days=7)
    ratings = [1, 2, 3, 4, 5] * 8
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda rating: submit(api, rating=rating), ratings))
        texts = list(pool.map(lambda n: _text(api, n), range(10)))
    want = before["totalFeedback"] + len(sent) + len(texts)
    after = eventually(
        lambda: analytics(api, days=7), lambda reading: reading["totalFeedback"] >= want
    )
    assert after["totalFeedback"] == want == settled_total(api)
    for kind, count in after["sentiment"].items():
        added = sum(item["sentiment"] == kind for item in sent)
        added += sum(kind == text.lower() for text in texts)
        assert count == before["sentiment"][kind] + added, kind
    assert sum(after["sentiment"].values()) == after["totalFeedback"]
    assert len(after["daily"]) == 7
    assert [day["date"] for day in after["daily"]] == sorted(day["date"] for day in after["daily"])
    assert sum(day["count"] for day in after["daily"]) == want
    assert 1 <= after["averageRating"] <= 5
    assert "daily" not in analytics(api)
    assert api.get("/analytics").headers["cache-control"] == "public, max-age=60"


def _text(api: httpx.Client, number: int) -> str:
    answer = api.post("/feedback", json={"feedback": f"Number {number} is good"})
    assert answer.status_code == 200
    return str(answer.json()["sentiment"])


def test_health_names_the_release(api: httpx.Client, deployment: Deployment) -> None:
    body = api.get("/health").json()
    assert body["status"] == "ok"
    assert body["version"] == deployment.outputs["functions"]["health"]["version"]
    assert body["region"] == deployment.outputs["aws_region"]
    assert datetime.fromisoformat(body["timestamp"]).tzinfo == UTC


def test_accepted_is_stored_is_counted_under_duplicates(
    api: httpx.Client, deployment: Deployment
) -> None:
    """8 clients, each key sent three times in no particular order."""
    stored, counted = deployment.count("dynamodb_table_name"), settled_total(api)
    keys = [uuid.uuid4().hex for _ in range(60)]

    def send(key: str) -> str:
        answer = api.post(
            "/feedback",
            json=SUBMISSION | {"message": f"Message {key}"},
            headers={"Idempotency-Key": key},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["feedbackId"])

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(send, keys * 3))
    assert len(ids) == len(keys)
    assert deployment.count("dynamodb_table_name") == stored + len(keys)
    assert settled_total(api) == counted + len(keys)


def settled_total(api: httpx.Client) -> int:
    """Items counted, once the stream has nothing more to count."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 3:
        total = int(analytics(api)["totalFeedback"])
        if total != last:
            last, since = total, time.monotonic()
        time.sleep(0.3)
    return last

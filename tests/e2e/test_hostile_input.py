"""What a hostile or clumsy client sends gets a documented 4xx, and nothing is stored."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.contract import DOCUMENT
from tests.e2e.conftest import Deployment
from tests.e2e.test_feedback import SUBMISSION, submit

JSON = {"Content-Type": "application/json"}
[EXPOSED_HEADERS] = DOCUMENT["components"]["headers"]["ExposeHeaders"]["schema"]["enum"]


def body(**changes: Any) -> bytes:
    return json.dumps(SUBMISSION | changes).encode()


def without(field: str) -> bytes:
    return json.dumps({k: v for k, v in SUBMISSION.items() if k != field}).encode()


BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "nothing": (b"", JSON, 400),
    "not JSON": (b"{name: Ada}", JSON, 400),
    "half a body": (body()[:-7], JSON, 400),
    "an array": (b"[]", JSON, 400),
    "a string": (b'"text"', JSON, 400),
    "null": (b"null", JSON, 400),
    "an empty object": (b"{}", JSON, 400),
    "no name": (without("name"), JSON, 400),
    "no email": (without("email"), JSON, 400),
    "no rating": (without("rating"), JSON, 400),
    "no message": (without("message"), JSON, 400),
    "an unknown field": (body(admin=True), JSON, 400),
    "a field of the table": (body(feedbackId="x"), JSON, 400),
    "rating 0": (body(rating=0), JSON, 400),
    "rating 6": (body(rating=6), JSON, 400),
    "rating as text": (body(rating="5"), JSON, 400),
    "rating as fraction": (body(rating=4.5), JSON, 400),
    "rating true": (body(rating=True), JSON, 400),
    "rating NaN": (body(rating=float("nan")), JSON, 400),
    "rating of 400 digits": (body().replace(b"5,", b"9" * 400 + b","), JSON, 400),
    "rating null": (body(rating=None), JSON, 400),
    "name too short": (body(name="A"), JSON, 400),
    "name that ends in a control character": (body(name="Ada\u001f"), JSON, 400),
    "name of nothing to see": (body(name="\u200b\u200b"), JSON, 400),
    "message that begins with a control character": (body(message="\u000bhi"), JSON, 400),
    "name of blanks": (body(name="   "), JSON, 400),
    "name too long": (body(name="A" * 101), JSON, 400),
    "name with a control character": (body(name="Ada\u0000"), JSON, 400),
    "name with a new line": (body(name="Ada\nBcc: x"), JSON, 400),
    "name that turns the text around": (body(name="Ada\u202egnp.exe"), JSON, 400),
    "an object for a name": (body(name={"S": "Ada"}), JSON, 400),
    "email without a host": (body(email="ada"), JSON, 400),
    "email with a header": (body(email="ada@example.com\r\nBcc: x@example.com"), JSON, 400),
    "two addresses": (body(email="a@example.com,b@example.com"), JSON, 400),
    "message empty": (body(message=""), JSON, 400),
    "message too long": (body(message="x" * 5001), JSON, 400),
    "message with a control character": (body(message="a\u0007b"), JSON, 400),
    "half of an emoji": (body().replace(b"Wonderful", b"\\ud83d"), JSON, 400),
    "invalid UTF-8": (body().replace(b"Wonderful", b"\xff\xfe"), JSON, 400),
    "deep nesting": (b'{"name":' * 20_000 + b"1" + b"}" * 20_000, JSON, 400),
    "both bodies at once": (body(feedback="text"), JSON, 400),
    "feedback empty": (b'{"feedback": ""}', JSON, 400),
    "feedback of the wrong type": (b'{"feedback": 5}', JSON, 400),
    "customer only": (b'{"customer_id": "c-1"}', JSON, 400),
    "a body over 64 KB": (body(message="x" * 70_000), JSON, 413),
    "a body of 1 MB": (body(message="x" * 1_000_000), JSON, 413),
    # API Gateway looks at the shape before the type: 400, although the type is wrong as well.
    "a form": (b"name=Ada&rating=5", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
    "JSON called a form": (body(), {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "JSON called text": (body(), {"Content-Type": "text/plain"}, 415),
    "an idempotency key of two words": (body(), JSON | {"Idempotency-Key": "two words"}, 400),
    "a long idempotency key": (body(), JSON | {"Idempotency-Key": "k" * 129}, 400),
}


def assert_documented(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == EXPOSED_HEADERS
    error = answer.json()
    assert error.keys() == {"error", "message", "details", "requestId"}
    assert error["error"]
    assert error["message"].strip()
    if status == 405:
        # Measured: the embedded cloud fills nothing into the templates of MOCK responses. AWS does.
        assert error["requestId"] == "$context.requestId"
    else:
        assert uuid.UUID(error["requestId"])
    assert all(detail.keys() == {"field", "issue"} for detail in error["details"])


@pytest.fixture(scope="module")
def stored_before(deployment: Deployment) -> int:
    return deployment.count("dynamodb_table_name") + deployment.count("idempotency_table_name")


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_bad_body_is_refused(
    case: str, api: httpx.Client, deployment: Deployment, stored_before: int
) -> None:
    content, headers, status = BAD_BODIES[case]
    assert_documented(api.post("/feedback", content=content, headers=headers), status)
    stored = deployment.count("dynamodb_table_name") + deployment.count("idempotency_table_name")
    assert stored == stored_before


SMS = {"channel": "sms", "phone": "+14155550123", "message": "Your parcel is here."}
BAD_TEXT_MESSAGES: dict[str, dict[str, Any]] = {
    "no number": {"channel": "sms", "message": "x"},
    "an address for a number": SMS | {"phone": "ada@example.com"},
    "a number without its country": SMS | {"phone": "4155550123"},
    "a number with words": SMS | {"phone": "+1415555CALL"},
    "two numbers": SMS | {"phone": "+14155550123,+14155550124"},
    "a number with a new line": SMS | {"phone": "+14155550123\n"},
    "a topic for a number": SMS | {"phone": "arn:aws:sns:us-west-1:123456789012:critical"},
    "a number of 40 digits": SMS | {"phone": "+" + "1" * 40},
    "a subject": SMS | {"subject": "Hello"},
    "an e-mail address besides": SMS | {"email": "ada@example.com"},
    "an empty message": SMS | {"message": ""},
    "a message too long": SMS | {"message": "x" * 401},
    "a message with a control character": SMS | {"message": "a\u0007b"},
    "a sender": SMS | {"sender": "BANK"},
    "another channel": SMS | {"channel": "fax"},
}


@pytest.mark.parametrize("case", BAD_TEXT_MESSAGES)
def test_a_bad_text_message_is_refused(
    case: str, api: httpx.Client, deployment: Deployment
) -> None:
    before = deployment.count("messages_table_name")
    answer = api.post("/messages", json=BAD_TEXT_MESSAGES[case], headers=deployment.key("operator"))
    assert_documented(answer, 400)
    assert deployment.count("messages_table_name") == before


UNKNOWN_MESSAGE = "00000000-0000-4000-8000-000000000000"
BAD_LINKS = [
    f"/unsubscribe/{UNKNOWN_MESSAGE}/secret",
    f"/unsubscribe/{UNKNOWN_MESSAGE}/{'a' * 129}",
    f"/unsubscribe/{UNKNOWN_MESSAGE}/%00",
    f"/unsubscribe/{UNKNOWN_MESSAGE}/%3Cscript%3E",
    f"/unsubscribe/{UNKNOWN_MESSAGE.upper().replace('0', 'A')}/secret",
    "/unsubscribe/message/secret",
    f"/contact/{UNKNOWN_MESSAGE}",
]


@pytest.mark.parametrize("path", BAD_LINKS)
def test_a_link_of_no_message_is_404(path: str, api: httpx.Client, deployment: Deployment) -> None:
    before = deployment.count("recipients_table_name")
    method = "GET" if path.startswith("/contact") else "POST"
    answer = api.request(method, path, content=b"List-Unsubscribe=One-Click" * (method == "POST"))
    assert_documented(answer, 404)
    assert deployment.count("recipients_table_name") == before


def test_a_person_with_a_bad_link_gets_a_page_without_it(api: httpx.Client) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8"}
    for method, path in [("POST", BAD_LINKS[0]), ("GET", BAD_LINKS[3]), ("POST", BAD_LINKS[3])]:
        answer = api.request(method, path, headers=browser)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "script" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_details_name_the_field(api: httpx.Client) -> None:
    error = api.post("/feedback", json=SUBMISSION | {"rating": 9, "email": "x"}).json()
    assert {detail["field"] for detail in error["details"]} == {"rating", "email"}


def forged_cursors(real: str) -> list[str]:
    def encode(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    flipped = real[:10] + ("A" if real[10] != "A" else "B") + real[11:]
    return [
        "x",
        flipped,
        real[:-3],
        real + "A",
        encode("{}"),
        encode('{"v":1,"p":"9999-12-31T23:59:59.999Z#x"}'),
        encode("null"),
        "%00",
        "\u202e",
        "A" * 5000,
    ]


def test_a_forged_cursor_is_refused(api: httpx.Client) -> None:
    for _ in range(2):
        submit(api)
    real = api.get("/feedback", params={"limit": 1}).json()["lastKey"]
    assert real
    for cursor in forged_cursors(real):
        answer = api.get("/feedback", params={"limit": 1, "lastKey": cursor})
        assert_documented(answer, 400)
    other = api.get("/feedback", params={"limit": 1, "lastKey": real, "rating": 5})
    assert_documented(other, 400)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=1e1", "limit=", "limit=-1", "limit=%00",
        "limit=10&limit=20", "rating=0", "rating=6", "rating=five", "sentiment=happy",
        "sentiment=POSITIVE%00", "colour=red", "lastKey=",
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(query: str, api: httpx.Client) -> None:
    assert_documented(api.get(f"/feedback?{query}"), 400)


@pytest.mark.parametrize("query", ["days=0", "days=91", "days=x", "days=1.5", "day=1", "days="])
def test_a_bad_analytics_query_is_refused(query: str, api: httpx.Client) -> None:
    assert_documented(api.get(f"/analytics?{query}"), 400)


@pytest.mark.parametrize("path", ["/", "/feedbacks", "/feedback/a/b", "/admin", "/health/x"])
def test_an_unknown_path_is_404(path: str, api: httpx.Client) -> None:
    assert_documented(api.get(path), 404)


def test_an_unknown_id_is_404_and_a_malformed_one_400(api: httpx.Client) -> None:
    assert_documented(api.get("/feedback/00000000-0000-4000-8000-000000000000"), 404)
    for malformed in ("x", "1' OR '1'='1", "%00", "a" * 3000):
        assert_documented(api.get(f"/feedback/{malformed}"), 400)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/feedback", {"GET", "POST", "OPTIONS"}),
        ("DELETE", "/feedback", {"GET", "POST", "OPTIONS"}),
        ("POST", "/analytics", {"GET", "OPTIONS"}),
        ("PATCH", "/feedback/00000000-0000-4000-8000-000000000000", {"GET", "DELETE", "OPTIONS"}),
        ("POST", "/health", {"GET", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_405(
    method: str, path: str, allowed: set[str], api: httpx.Client
) -> None:
    answer = api.request(method, path, json={})
    assert_documented(answer, 405)
    assert {name.strip() for name in answer.headers["allow"].split(",")} == allowed


def test_a_browser_may_ask_first(api: httpx.Client) -> None:
    answer = api.options(
        "/feedback",
        headers={
            "Origin": "https://site.example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,idempotency-key",
        },
    )
    assert answer.status_code in {200, 204}
    assert answer.headers["access-control-allow-origin"] == "*"
    methods = {name.strip() for name in answer.headers["access-control-allow-methods"].split(",")}
    assert methods == {"GET", "POST", "OPTIONS"}
    headers = answer.headers["access-control-allow-headers"].lower()
    assert "content-type" in headers
    assert "idempotency-key" in headers


def test_a_plan_over_its_rate_is_throttled(api: httpx.Client, deployment: Deployment) -> None:
    path = "/feedback/00000000-0000-4000-8000-000000000000"
    answers = [api.delete(path, headers=deployment.key("visitor")) for _ in range(40)]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {404, 429}
    throttled = next(answer for answer in answers if answer.status_code == 429)
    assert_documented(throttled, 429)
    assert int(throttled.headers["retry-after"]) >= 1

"""Responses in API Gateway's proxy format."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from customer_platform import settings

type Response = dict[str, Any]

# What a page of another origin may read of an answer; modules/api/mock.tf says the same.
EXPOSED_HEADERS = "ETag,Link,Retry-After"


@dataclass(frozen=True)
class _Settings:
    cors_allow_origin: str


def cors_headers(origin: str) -> dict[str, str]:
    """Without `Vary`, a cache would give one site's answer to another site's page."""
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }
    if origin != "*":
        headers["Vary"] = "Origin"
    return headers


_CORS = cors_headers(settings.read(_Settings).cors_allow_origin)


def next_page(parameters: Mapping[str, object]) -> dict[str, str]:
    """The header that tells where the next page is: the same path, whatever is before it."""
    named = {name: value for name, value in parameters.items() if value is not None}
    return {"Link": f'<?{urlencode(named, quote_via=quote)}>; rel="next"'}


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    # Characters as they are: escaped emoji are three times as long, and a page of a hundred
    # long messages has to stay under the 6 MB that a function may answer.
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_number)
    return text_response(status, text, {"Content-Type": "application/json", **(headers or {})})


def no_content() -> Response:
    return text_response(204, "", {})


def text_response(status: int, text: str, headers: Mapping[str, str]) -> Response:
    return {
        "statusCode": status,
        "headers": {**_CORS, **headers},
        "body": text,
        "isBase64Encoded": False,
    }


def _number(value: object) -> int | float:
    """DynamoDB's numbers are Decimal, which `json` does not know."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")

"""Pages for people who follow a link: plain HTML that runs nothing and loads nothing."""

import base64
import hashlib

from customer_platform.http.requests import Event, header
from customer_platform.http.responses import Response, text_response

_STYLE = (
    ":root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}"
    "body{margin:12vh auto;max-width:34rem;padding:0 1rem}"
    "button{font:inherit;padding:.6rem 1.2rem;cursor:pointer}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address of such a page may be a secret.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def wanted(event: Event) -> bool:
    """Whether a browser asks, which shows the answer to a person."""
    return "text/html" in (header(event, "Accept") or "").lower()


def page(status: int, title: str, body: str) -> Response:
    """`title` and `body` are HTML: nothing of a request may be in them."""
    html = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>\n"
    )
    return text_response(status, html, {"Content-Type": "text/html; charset=utf-8", **_HEADERS})

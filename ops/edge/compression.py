"""What CloudFront compresses on its way to the browser.

MiniStack 1.5.33 stores `Compress` of a behaviour and does not look at it
(`cloudfront._dataplane_behavior`), so the site would weigh three times what it does on AWS, and
Lighthouse would judge that. Gzip alone: the runtime here has no brotli.
"""

from __future__ import annotations

import gzip
from typing import Any

from ministack.services import cloudfront  # type: ignore[import-not-found]

type Answer = tuple[int, dict[str, Any], bytes]

# Developer Guide, "Serve compressed files": of the list there, what a site has.
SIZES = range(1_000, 10_000_001)
TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)
STATUSES = frozenset({200, 403, 404})


def mend() -> None:
    """Let MiniStack's CloudFront compress where a distribution says so."""
    read, serve = cloudfront._dataplane_behavior, cloudfront.handle_viewer_request

    def read_compress(element: Any, *pattern: Any, **named: Any) -> dict[str, Any]:
        behavior: dict[str, Any] = read(element, *pattern, **named)
        return behavior | {"compress": cloudfront._text(element, "Compress") == "true"}

    async def serve_compressed(
        dist: dict[str, Any], method: str, path: str, *request: Any, **named: Any
    ) -> Answer:
        answer: Answer = await serve(dist, method, path, *request, **named)
        headers = request[2] if len(request) > 2 else named["headers"]
        if not _is_asked_for(headers) or not _is_wanted(dist, path):
            return answer
        return compressed(*answer)

    cloudfront._dataplane_behavior = read_compress
    cloudfront.handle_viewer_request = serve_compressed


def compressed(status: int, headers: dict[str, Any], body: bytes) -> Answer:
    """The answer as CloudFront hands it on to somebody who takes gzip."""
    named = {name.lower(): str(value) for name, value in headers.items()}
    kind = named.get("content-type", "").partition(";")[0].strip().lower()
    if (
        status not in STATUSES
        or kind not in TYPES
        or len(body) not in SIZES
        or "content-encoding" in named
    ):
        return status, headers, body
    kept = {
        # Of the same content, and not byte for byte: the tag becomes a weak one.
        name: f"W/{value}" if name.lower() == "etag" and not str(value).startswith("W/") else value
        for name, value in headers.items()
        if name.lower() not in {"content-length", "accept-ranges"}
    }
    # No time in it: the same file gives the same bytes.
    return (
        status,
        kept | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        gzip.compress(body, mtime=0),
    )


def _is_asked_for(headers: dict[str, str]) -> bool:
    named = {name.lower(): value for name, value in headers.items()}
    return "gzip" in named.get("accept-encoding", "") and "range" not in named


def _is_wanted(dist: dict[str, Any], path: str) -> bool:
    """A behaviour compresses what its cache policy lets differ by encoding."""
    behavior = cloudfront._match_behavior(
        cloudfront.parse_distribution_dataplane_config(dist), path
    )
    if behavior is None or not behavior["compress"]:
        return False
    policy = cloudfront.cache_policy_params(behavior["cache_policy_id"])
    return bool(policy and policy["EnableAcceptEncodingGzip"])

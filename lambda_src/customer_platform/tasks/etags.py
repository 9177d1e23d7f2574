"""`ETag` and `If-Match`: a task's version, and which one a change is meant for."""

import re
from dataclasses import dataclass

from customer_platform.http.errors import invalid
from customer_platform.http.requests import Event, header

_ONE = r'(W/)?"[!#-~]*"'
IF_MATCH_PATTERN = rf"^(\*|{_ONE}( *, *{_ONE})*)$"
IF_MATCH_MAX = 256


def etag(version: int) -> str:
    return f'"{version}"'


@dataclass(frozen=True)
class Expected:
    """The versions that a request is for; None: any."""

    tags: frozenset[str] | None = None

    def is_met_by(self, version: int) -> bool:
        return self.tags is None or etag(version) in self.tags


def expected(event: Event) -> Expected:
    """What `If-Match` says; raises ValidationError for what is no list of ETags.

    Weak ETags count as strong ones: a version names the task's whole state, and CloudFront makes
    an ETag weak where it compresses the answer.
    """
    text = header(event, "If-Match")
    if text is None or text.strip() == "*":
        return Expected()
    if len(text) > IF_MATCH_MAX or not re.fullmatch(IF_MATCH_PATTERN, text):
        raise invalid([{"field": "If-Match", "issue": 'must be an ETag such as "3", or *'}])
    return Expected(frozenset(re.findall(r'"[!#-~]*"', text)))

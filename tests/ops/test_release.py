"""A release probes every version before it moves any alias."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ops import OperatorError
from ops.release import release

FUNCTIONS = {
    "one": {"name": "one-x", "version": "3"},
    "two": {"name": "two-x", "version": "7"},
    "three": {"name": "three-x", "version": "2"},
}


class Lambda:
    """Lambda's API as far as a release uses it."""

    def __init__(self, live: dict[str, str], sick: dict[str, Any] | None = None) -> None:
        self.live = live
        self.sick = sick or {}
        self.calls: list[str] = []

    def get_alias(self, *, FunctionName: str, Name: str) -> dict[str, str]:  # noqa: N803
        assert Name == "live"
        return {"FunctionVersion": self.live[FunctionName], "RevisionId": f"rev-{FunctionName}"}

    def invoke(self, *, FunctionName: str, Qualifier: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert json.loads(Payload) == {"healthCheck": True}
        self.calls.append(f"probe {FunctionName}:{Qualifier}")
        healthy = {"Payload": io.BytesIO(b'{"status": "ok"}')}
        return dict(self.sick.get(FunctionName, healthy))

    def update_alias(
        self, *, FunctionName: str, Name: str, FunctionVersion: str, RevisionId: str  # noqa: N803
    ) -> None:  # fmt: skip
        assert RevisionId == f"rev-{FunctionName}"
        assert Name == "live"
        self.calls.append(f"move {FunctionName}")
        self.live[FunctionName] = FunctionVersion


def test_only_what_is_not_live_is_probed_and_moved_probes_first() -> None:
    aws = Lambda({"one-x": "2", "two-x": "7", "three-x": "1"})
    assert release(aws, FUNCTIONS) == ["one-x: 2 -> 3", "three-x: 1 -> 2"]
    assert aws.calls == [
        "probe one-x:3", "probe three-x:2", "probe two-x:7", "move one-x", "move three-x",
    ]  # fmt: skip
    assert release(aws, FUNCTIONS) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "no module"}')},
        {"Payload": io.BytesIO(b'{"status": "sick"}')},
    ],
)
def test_a_version_that_is_not_well_moves_nothing(answer: dict[str, Any]) -> None:
    aws = Lambda({"one-x": "2", "two-x": "6", "three-x": "1"}, {"three-x": answer})
    with pytest.raises(OperatorError, match="three-x version 2 is not healthy, nothing"):
        release(aws, FUNCTIONS)
    assert aws.live == {"one-x": "2", "two-x": "6", "three-x": "1"}

"""Lambda's versions and aliases, as far as releases and rollbacks use them: moto's aliases have no
RevisionId to refuse by."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class Alias:
    version: str
    revision: int = 1
    weights: dict[str, float] = field(default_factory=dict)


@dataclass
class Lambda:
    """`versions` of each function; those in `sick` do not answer as healthy. `before_move` is
    called with a function's name before its alias moves: what somebody does at that moment."""

    aliases: dict[str, Alias]
    versions: dict[str, list[str]]
    sick: dict[tuple[str, str], str] = field(default_factory=dict)
    before_move: Callable[[str], None] | None = None
    after_move: Callable[[str], None] | None = None
    calls: list[str] = field(default_factory=list)

    def get_alias(self, *, FunctionName: str, Name: str) -> dict[str, Any]:  # noqa: N803
        assert Name == "live"
        return self._alias(FunctionName)

    def update_alias(
        self,
        *,
        FunctionName: str,  # noqa: N803
        Name: str,  # noqa: N803
        FunctionVersion: str,  # noqa: N803
        RoutingConfig: dict[str, Any],  # noqa: N803
        RevisionId: str,  # noqa: N803
    ) -> dict[str, Any]:
        assert Name == "live"
        if self.before_move:
            self.before_move(FunctionName)
        alias = self.aliases[FunctionName]
        if RevisionId != str(alias.revision):
            raise refused("PreconditionFailedException", "UpdateAlias")
        assert FunctionVersion in self.versions[FunctionName]
        alias.version = FunctionVersion
        alias.weights = dict(RoutingConfig["AdditionalVersionWeights"])
        alias.revision += 1
        shares = "".join(f" {v}={share:g}" for v, share in alias.weights.items())
        self.calls.append(f"move {FunctionName} {FunctionVersion}{shares}")
        if self.after_move:
            self.after_move(FunctionName)
        return self._alias(FunctionName)

    def list_versions_by_function(
        self,
        *,
        FunctionName: str,  # noqa: N803
        Marker: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        """Two to a page, $LATEST first."""
        every = ["$LATEST", *self.versions[FunctionName]]
        start = int(Marker)
        answer: dict[str, Any] = {"Versions": [{"Version": v} for v in every[start : start + 2]]}
        if start + 2 < len(every):
            answer["NextMarker"] = str(start + 2)
        return answer

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert json.loads(Payload) == {"healthCheck": True}
        name, version = FunctionName.split(":")
        if version not in self.versions[name]:
            raise refused("ResourceNotFoundException", "Invoke")
        self.calls.append(f"probe {name} {version}")
        if (name, version) in self.sick:
            answer = self.sick[name, version]
            error = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
            return {"Payload": io.BytesIO(answer.encode()), **error}
        said = json.dumps({"status": "ok", "version": version}).encode()
        return {"Payload": io.BytesIO(said)}

    def moves(self) -> list[str]:
        return [call for call in self.calls if call.startswith("move")]

    def _alias(self, name: str) -> dict[str, Any]:
        alias = self.aliases[name]
        answer: dict[str, Any] = {
            "FunctionVersion": alias.version,
            "RevisionId": str(alias.revision),
        }
        if alias.weights:
            answer["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
        return answer


def refused(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, operation)

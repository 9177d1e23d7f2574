"""Functions that tests make themselves."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ops import emulator

_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def package_of(file: str, source: str) -> bytes:
    """A zip with one module in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(file, source)
    return content.getvalue()


@contextmanager
def own_function(
    cloud: emulator.Emulator, name: str, source: str, may: Mapping[str, str] | None = None,
    **more: Any,
) -> Iterator[str]:  # fmt: skip
    """A function `handler.handler` of this source, and its role, until the end. `may`: resources by
    the action on them. `more`: of CreateFunction."""
    iam, functions = (
        emulator.client("iam", cloud.endpoint),
        emulator.client("lambda", cloud.endpoint),
    )
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=_document([_TRUST])
    )["Role"]["Arn"]  # fmt: skip
    allowed = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in (may or {}).items()
    ]
    if allowed:
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_document(allowed))
    functions.create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="handler.handler", Timeout=60,
        Code={"ZipFile": package_of("handler.py", source)}, **more,
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    try:
        yield name
    finally:
        functions.delete_function(FunctionName=name)
        if allowed:
            iam.delete_role_policy(RoleName=name, PolicyName=name)
        iam.delete_role(RoleName=name)


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

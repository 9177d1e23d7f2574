"""What is measured: every handler's package, and beside it the original processor's."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import build
from ops import BUILD, ROOT
from tests.bench import FOLDER, BenchError, Say, events

ORIGINAL = "original"
EMPTY = "empty function"
PROCESSOR = "feedback_processor"
_HERE = Path(__file__).parent
_EMPTY_SOURCE = "def lambda_handler(event, context):\n    return {'statusCode': 200}\n"
_PACKAGES = BUILD / "lambda-local"
_UNPACKED = FOLDER / "unpacked"


@dataclass(frozen=True)
class Function:
    """A package, unpacked as Lambda does it, and how it is called."""

    name: str
    archive: bytes = field(repr=False)
    folder: Path
    handler: str  # MODULE.FUNCTION
    environment: Mapping[str, str]
    event: dict[str, Any] = field(repr=False)

    @property
    def zipped_bytes(self) -> int:
        return len(self.archive)

    def entries(self) -> list[zipfile.ZipInfo]:
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            return [entry for entry in archive.infolist() if not entry.is_dir()]


@dataclass(frozen=True)
class Case:
    """One way to call a function."""

    name: str
    function: Function
    environment: Mapping[str, str] = field(default_factory=dict)
    event: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def payload(self) -> bytes:
        return json.dumps(self.function.event if self.event is None else self.event).encode()

    @property
    def variables(self) -> dict[str, str]:
        return {**self.function.environment, **self.environment}


def settings() -> dict[str, str]:
    """Environment of all handlers: what unit tests give them, with the engine of AWS."""
    given: dict[str, str] = json.loads((ROOT / "tests/function_environment.json").read_text())
    return {**given, "SENTIMENT_ENGINE": "comprehend"}


def functions(say: Say) -> list[Function]:
    """The original, an empty function, and each handler of lambda_src. Builds the packages."""
    say("Packages")
    try:
        build.build(build.handlers(), "local", _PACKAGES)
    except build.BuildError as error:
        raise BenchError(f"build.py: {error}") from error
    shutil.rmtree(_UNPACKED, ignore_errors=True)
    source = (_HERE / "original" / "lambda_function.py").read_bytes()
    original = {**settings(), "DYNAMODB_TABLE": "feedback", "S3_BUCKET": "feedback-data-lake"}
    found = [
        _function(
            ORIGINAL, _zip("lambda_function.py", source), "lambda_function.lambda_handler",
            original, events.SUBMISSION,
        ),
        _function(
            EMPTY, _zip("handler.py", _EMPTY_SOURCE.encode()), "handler.lambda_handler",
            settings(), events.request("GET", "/health"),
        ),
    ]  # fmt: skip
    for name in build.handlers():
        archive = (_PACKAGES / f"{name}.zip").read_bytes()
        event = events.event_of(name)
        found.append(_function(name, archive, "handler.lambda_handler", settings(), event))
    return found


def named(found: list[Function], name: str) -> Function:
    return next(function for function in found if function.name == name)


def _function(
    name: str, archive: bytes, handler: str, environment: dict[str, str], event: dict[str, Any]
) -> Function:
    folder = _UNPACKED / name.replace(" ", "_")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    return Function(name, archive, folder, handler, environment, event)


def _zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()

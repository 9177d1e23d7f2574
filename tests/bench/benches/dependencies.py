"""CPU that each dependency adds to a cold start, each in a process of its own."""

from __future__ import annotations

import os

from tests.bench import BenchError, Say
from tests.bench.functions import EMPTY, PROCESSOR, Case, Function, functions, named
from tests.bench.record import Report, Sheet
from tests.bench.runtime import PYTHON, prepare, services, variables

TITLE = "Dependencies"
ROUNDS = 11
_FLOOR = "import awslambdaric.bootstrap"
_CLIENT = "import botocore.session; s = botocore.session.get_session(); s.create_client('dynamodb')"
# What is added: the package that it runs in, and the program. The collector rests, as it does
# in the platform's functions, unless the program says otherwise.
_REST = "import gc; gc.disable()"
_ADDED: dict[str, tuple[str, str]] = {
    "boto3 of the runtime: a client": (
        EMPTY, f"{_REST}; import boto3; boto3.client('dynamodb')",
    ),
    "boto3 of the runtime: a resource": (
        EMPTY, f"{_REST}; import boto3; boto3.resource('dynamodb')",
    ),
    "botocore of the package: a client": (PROCESSOR, f"{_REST}; {_CLIENT}"),
    "botocore of the package, collector on": (PROCESSOR, _CLIENT),
    "botocore of the package: two clients": (
        PROCESSOR, f"{_REST}; {_CLIENT}; s.create_client('comprehend')",
    ),
    "Powertools Logger": (
        PROCESSOR, f"{_REST}; from aws_lambda_powertools.logging import Logger; Logger()",
    ),
    "Powertools SingleMetric": (
        PROCESSOR, f"{_REST}; from aws_lambda_powertools.metrics.metric import SingleMetric",
    ),
    "pydantic": (PROCESSOR, f"{_REST}; from pydantic import BaseModel"),
    "email-validator": (PROCESSOR, f"{_REST}; import email_validator"),
    "VADER with its lexicon": (
        PROCESSOR,
        f"{_REST}; from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as A; A()",
    ),
}  # fmt: skip


def measure(rounds: int | None, say: Say) -> Report:
    found = functions(say)
    prepare()
    sheet = Sheet("CPU on top of an empty function's start", {"cpu": "ms"})
    count = rounds or ROUNDS
    with services() as aws:
        for number in range(count):
            say(f"Dependencies: round {number + 1} of {count}")
            floor = {
                name: _cpu(named(found, name), _FLOOR, aws.endpoint) for name in (EMPTY, PROCESSOR)
            }
            for added, (package, program) in _ADDED.items():
                whole = _cpu(named(found, package), f"{_FLOOR}\n{program}", aws.endpoint)
                sheet.add(added, cpu=whole - floor[package])
    return Report([sheet])


def _cpu(function: Function, program: str, endpoint: str) -> float:
    """Milliseconds of user and system time of a process that runs the program in the package."""
    environment = variables(Case(function.name, function), endpoint)
    start = f"import os, sys; os.chdir({str(function.folder)!r}); sys.path.insert(0, os.getcwd())\n"
    arguments = [str(PYTHON), "-c", start + program]
    process = os.posix_spawn(PYTHON, arguments, environment)
    _, status, used = os.wait4(process, 0)
    if status:
        where = function.folder.name
        raise BenchError(f"{where}: `{program.splitlines()[-1]}` ended with status {status}")
    return (used.ru_utime + used.ru_stime) * 1000

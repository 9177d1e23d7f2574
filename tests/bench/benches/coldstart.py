"""Init and first call of every handler, side by side with the original processor's."""

from __future__ import annotations

from tests.bench import Say
from tests.bench.functions import EMPTY, ORIGINAL, PROCESSOR, Case, functions, named
from tests.bench.record import Goal, Report, Sheet
from tests.bench.runtime import Emulator, prepare, services

TITLE = "Cold start"
ROUNDS = 11
_UNITS = {"init": "ms", "first_call": "ms", "cpu": "ms"}
_LIMIT = 0.5
# What Lambda brings is not documented to have bytecode, so both are measured. Packages have it.
_BYTECODE = "bytecode in the runtime's boto3"
_SOURCES = "no bytecode in the runtime's boto3"


def measure(rounds: int | None, say: Say) -> Report:
    found = functions(say)
    cases = [Case(function.name, function) for function in found]
    lexicon = {"SENTIMENT_ENGINE": "lexicon"}
    cases.append(Case(f"{PROCESSOR} (lexicon)", named(found, PROCESSOR), lexicon))
    prepare()
    sheets = {
        kind: Sheet(f"Cold start, {kind}", _UNITS, ORIGINAL) for kind in (_BYTECODE, _SOURCES)
    }
    count = rounds or ROUNDS
    with services() as aws:
        for number in range(count):
            say(f"Cold start: round {number + 1} of {count}, {len(cases)} functions")
            for case in cases:
                _add(sheets[_BYTECODE], case, aws.endpoint, bytecode=True)
            if number % 3 == 0:  # twice as slow
                for case in cases:
                    _add(sheets[_SOURCES], case, aws.endpoint, bytecode=False)
    goals = [
        Goal(f"init of {name}, {kind}", sheet.ratio(name, "init").median, at_most=_LIMIT)
        for kind, sheet in sheets.items()
        for name in sheet.subjects
        if name not in {ORIGINAL, EMPTY}
    ]
    return Report(list(sheets.values()), goals)


def _add(sheet: Sheet, case: Case, endpoint: str, *, bytecode: bool) -> None:
    with Emulator(case, endpoint, bytecode=bytecode) as emulator:
        start = emulator.cold_start()
    sheet.add(case.name, init=start.init, first_call=start.first_call, cpu=start.cpu)

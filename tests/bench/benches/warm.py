"""CPU of a warm call: the function's process alone, user and system time."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench import Say, events
from tests.bench.functions import EMPTY, ORIGINAL, PROCESSOR, Case, functions, named
from tests.bench.record import Goal, Report, Sheet
from tests.bench.runtime import Emulator, prepare, services

TITLE = "Warm calls"
ROUNDS = 15
_CALLS = 25  # of each case in a round
_WARM_UP = 30
_LIMIT = 0.5


def measure(rounds: int | None, say: Say) -> Report:
    found = functions(say)
    processor = named(found, PROCESSOR)
    cases = [Case(function.name, function) for function in found]
    lexicon = {"SENTIMENT_ENGINE": "lexicon"}
    cases += [
        Case(f"{PROCESSOR} (form)", processor, event=events.FORM_SUBMISSION),
        Case(f"{PROCESSOR} (idempotent)", processor, event=events.IDEMPOTENT_SUBMISSION),
        Case(f"{PROCESSOR} (lexicon)", processor, lexicon),
    ]
    prepare()
    sheet = Sheet("Warm call", {"cpu": "ms", "aws_calls": "count"}, ORIGINAL)
    count = rounds or ROUNDS
    with services() as aws, ExitStack() as stack:
        say(f"Warm calls: starting {len(cases)} functions")
        running = {case.name: stack.enter_context(Emulator(case, aws.endpoint)) for case in cases}
        for emulator in running.values():
            for _ in range(_WARM_UP):
                emulator.call()
        aws.calls()
        for number in range(count):
            say(f"Warm calls: round {number + 1} of {count}, {_CALLS} of each function")
            for name, emulator in running.items():
                before = emulator.cpu()
                for _ in range(_CALLS):
                    emulator.call()
                milliseconds = (emulator.cpu() - before) * 1000 / _CALLS
                sheet.add(name, cpu=milliseconds, aws_calls=sum(aws.calls().values()) / _CALLS)
    goals = [
        Goal(
            "CPU of a warm POST /feedback, of the original's",
            sheet.ratio(PROCESSOR, "cpu").median,
            at_most=_LIMIT,
        )
    ]
    runtime = sheet.spread(EMPTY, "cpu").median
    notes = [f"Lambda's runtime client takes {runtime:.2f} ms of each call ({EMPTY})."]
    return Report([sheet], goals, notes)

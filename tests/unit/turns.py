"""Calls to AWS of several threads in a chosen order, so that a race is found again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError

type Choice = Callable[[int], int]


class Turns:
    """Runs functions side by side. Each call that one of them makes to AWS is a turn of its own,
    as atomic as DynamoDB's are, and `choose(n)` says which of n waiting threads has the next.

    `lost_requests` and `lost_answers` are numbers of calls, counted from now, that time out
    before or after they were done.
    """

    def __init__(self) -> None:
        self.lost_requests: set[int] = set()
        self.lost_answers: set[int] = set()
        self._calls = 0
        self._changed = threading.Condition()
        self._waiting: list[int] = []  # thread numbers
        self._turn: int | None = None
        self._number = threading.local()

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        call = BaseClient._make_api_call  # type: ignore[attr-defined]

        def in_turn(client: BaseClient, *arguments: Any, **options: Any) -> Any:
            number = getattr(self._number, "value", None)
            if number is None:  # the test itself, looking
                return call(client, *arguments, **options)
            self._wait_for_turn(number)
            try:
                return self._unreliable(lambda: call(client, *arguments, **options))
            finally:
                self._end_turn()

        monkeypatch.setattr(BaseClient, "_make_api_call", in_turn)

    def together(self, works: Sequence[Callable[[], None]], choose: Choice) -> None:
        """Run all to their ends; raises what one of them raised."""
        errors: list[BaseException] = []

        def run(number: int) -> None:
            self._number.value = number
            try:
                works[number]()
            except BaseException as error:
                errors.append(error)
            finally:
                with self._changed:
                    alive.discard(number)
                    self._changed.notify_all()

        alive = set(range(len(works)))
        threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in sorted(alive)]
        for thread in threads:
            thread.start()
        while True:
            with self._changed:
                settled = self._changed.wait_for(
                    lambda: self._turn is None and len(self._waiting) == len(alive), timeout=60
                )
                assert settled, "a thread neither called AWS nor ended"
                if not alive:
                    break
                waiting = sorted(self._waiting)
                choice = 0
                if len(waiting) > 1 and not errors:
                    try:
                        choice = choose(len(waiting))
                    except BaseException as error:
                        errors.append(error)
                self._turn = waiting[choice]
                self._waiting.remove(self._turn)
                self._changed.notify_all()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _wait_for_turn(self, number: int) -> None:
        with self._changed:
            self._waiting.append(number)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == number)

    def _end_turn(self) -> None:
        with self._changed:
            self._turn = None
            self._changed.notify_all()

    def _unreliable(self, call: Callable[[], Any]) -> Any:
        number, self._calls = self._calls, self._calls + 1
        if number in self.lost_requests:
            raise ReadTimeoutError(endpoint_url="the request never arrived")
        answer = call()
        if number in self.lost_answers:
            raise ReadTimeoutError(endpoint_url="it was done, and nobody heard")
        return answer

    def lose(self, after: int, *, answer: bool) -> None:
        """Let the call that comes after so many others time out."""
        (self.lost_answers if answer else self.lost_requests).add(self._calls + after)

    def be_reliable(self) -> None:
        self.lost_requests.clear()
        self.lost_answers.clear()

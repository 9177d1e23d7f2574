"""A small, steady load on the API: feedback, and its health besides."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType

import httpx

FEEDBACK = {"name": "Ada", "email": "ada@example.com", "rating": 4}


@dataclass(frozen=True)
class Answer:
    """A piece of feedback that was sent. `at`: time.monotonic() when it was answered; `status` is
    0 when the connection was cut; `feedback_id` of what was accepted."""

    at: float
    status: int
    feedback_id: str | None

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Load:
    """`threads` senders, each with `per_second` pieces of feedback and one look at the health a
    second, until the block ends."""

    base_url: str
    threads: int = 2
    per_second: float = 4.0
    answers: list[Answer] = field(default_factory=list)
    unhealthy: int = 0

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._senders = [
            threading.Thread(target=self._send_steadily, daemon=True) for _ in range(self.threads)
        ]

    def __enter__(self) -> Load:
        for sender in self._senders:
            sender.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Send nothing more; what was sent is answered when this returns."""
        self._stopped.set()
        for sender in self._senders:
            sender.join()

    def seen(self) -> list[Answer]:
        """Answers so far, in their order."""
        with self._lock:
            return sorted(self.answers, key=lambda answer: answer.at)

    def _send_steadily(self) -> None:
        with httpx.Client(base_url=self.base_url, timeout=30, trust_env=False) as api:
            number = 0
            while not self._stopped.wait(1 / self.per_second):
                answer = self._send(api)
                number += 1
                unhealthy = number % int(self.per_second) == 0 and not _is_healthy(api)
                with self._lock:
                    self.answers.append(answer)
                    self.unhealthy += unhealthy

    def _send(self, api: httpx.Client) -> Answer:
        body = FEEDBACK | {"message": f"The load of the demo, {uuid.uuid4().hex}"}
        try:
            answer = api.post("/feedback", json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
        except httpx.TransportError:
            return Answer(time.monotonic(), 0, None)
        accepted = answer.status_code == 201
        return Answer(
            time.monotonic(),
            answer.status_code,
            answer.json()["feedbackId"] if accepted else None,
        )


def _is_healthy(api: httpx.Client) -> bool:
    try:
        return api.get("/health").status_code == 200
    except httpx.TransportError:
        return False

"""What users of the task tracker do, for locust: mostly read, now and then write.

Runs in an environment of its own (requirements/load.in), of which mypy sees nothing.
"""

from __future__ import annotations

import random
import uuid
from typing import Any

from locust import FastHttpUser, constant_pacing, events, task  # type: ignore[import-not-found]

TAG = f"load {uuid.uuid4()}"  # of this run
MOST_KEPT = 20  # tasks that a user remembers; the oldest is deleted then


class Visitor(FastHttpUser):  # type: ignore[misc]
    """One of them: acts once a second, as long as answers come within one."""

    wait_time = constant_pacing(1)

    def on_start(self) -> None:
        self.kept: list[str] = []

    @task(8)  # type: ignore[untyped-decorator]
    def newest(self) -> None:
        self.client.get("/tasks?limit=20", name="GET /tasks")

    @task(4)  # type: ignore[untyped-decorator]
    def open_ones(self) -> None:
        self.client.get("/tasks?Status=Open&Priority=High&limit=20", name="GET /tasks?Status=…")

    @task(6)  # type: ignore[untyped-decorator]
    def one(self) -> None:
        if self.kept:
            # Which task a made-up user opens. Cost: none, nobody gains by guessing it.
            path = f"/tasks/{random.choice(self.kept)}"  # noqa: S311  # nosec B311
            self.client.get(path, name="GET /tasks/{TaskId}")

    @task(4)  # type: ignore[untyped-decorator]
    def create(self) -> None:
        body = {"Title": "Made under load", "Priority": "High", "Tags": [TAG]}
        with self.client.post(
            "/tasks", json=body, name="POST /tasks", catch_response=True
        ) as answer:
            if answer.status_code == 201:
                self.kept.append(answer.json()["TaskId"])
        if len(self.kept) > MOST_KEPT:
            self.delete(self.kept.pop(0))

    @task(2)  # type: ignore[untyped-decorator]
    def complete(self) -> None:
        if self.kept:
            path = f"/tasks/{self.kept[-1]}"
            self.client.put(path, json={"Status": "Completed"}, name="PUT /tasks/{TaskId}")

    def delete(self, task_id: str) -> None:
        self.client.delete(f"/tasks/{task_id}", name="DELETE /tasks/{TaskId}")

    def on_stop(self) -> None:
        """Leave nothing behind, nor what was made though its answer got lost. All users look: who
        comes later finds what who came first left."""
        for task_id in self.kept:
            self.delete(task_id)
        left = self.client.get(f"/tasks?Tag={TAG}&limit=100", name="GET /tasks?Tag=…")
        for made in left.json() if left.status_code == 200 else []:
            # Somebody else may have been faster.
            with self.client.delete(
                f"/tasks/{made['TaskId']}", name="DELETE, cleaning up", catch_response=True
            ) as answer:
                if answer.status_code == 404:
                    answer.success()


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def summary(environment: Any, **_more: Any) -> None:
    """A line per route: requests, errors, percentiles of milliseconds."""
    line = "{:24} {:>8} {:>7} {:>8} {:>8} {:>8}"
    print("\n" + line.format("route", "requests", "errors", "p50 ms", "p95 ms", "p99 ms"))
    routes = sorted(environment.stats.entries.values(), key=lambda entry: str(entry.name))
    for entry in [*routes, environment.stats.total]:
        times = [round(entry.get_response_time_percentile(share)) for share in (0.5, 0.95, 0.99)]
        print(line.format(entry.name, entry.num_requests, entry.num_failures, *times))
    for error in environment.stats.errors.values():
        print(f"{error.occurrences} times {error.name}: {error.error}")

"""POST /tasks: a task, exactly once if the client asks for it."""

from dataclasses import replace
from typing import Any

from customer_platform import clock
from customer_platform.idempotency import (
    LIFETIME_SECONDS,
    IdempotencyRecord,
    IdempotencyTable,
    key_hash,
    request_hash,
)
from customer_platform.tasks import writing
from customer_platform.tasks.models import NewTask
from customer_platform.tasks.records import Task
from customer_platform.tasks.writing import TaskStore, new_task
from customer_platform.transactions import ConditionFailedError

_ROUTE = "POST /tasks"


def create(store: TaskStore, keys: IdempotencyTable, body: NewTask, key: str | None) -> Task:
    """The task; with a key that was used before, the one that was created then, as it was.

    Raises IdempotencyConflictError, OverloadedError.
    """
    values: dict[str, Any] = body.model_dump()
    task = new_task(values)
    if key is None:
        return writing.create(store, task)
    now = int(clock.parse_iso(task.created_at).timestamp())
    record = IdempotencyRecord(
        idempotency_key=key_hash(_ROUTE, key),
        request_hash=request_hash(key, values),
        kind=type(body).__name__,
        answer={"taskId": task.task_id, "createdAt": task.created_at},
        expires_at=now + LIFETIME_SECONDS,
    )
    try:
        return writing.create(store, task, [{"Put": keys.put_request(record, now)}])
    except ConditionFailedError as error:
        # The task's id is new: it is the key that is taken.
        earlier = keys.record(error.parts[0])
        earlier.assert_repeated_by(record)
        first = earlier.answer
        return replace(task, task_id=first["taskId"], created_at=first["createdAt"])

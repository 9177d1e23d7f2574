"""The task that a path names."""

import re
from typing import Never

from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import UUID, Event, echo


def path_task_id(event: Event) -> str:
    """The task that the path names; raises NotFoundError for what no task can be called."""
    value = (event.get("pathParameters") or {}).get("TaskId") or ""
    if not re.fullmatch(UUID, value):
        not_found(str(value))
    return str(value)


def not_found(task_id: str) -> Never:
    raise NotFoundError(f"Task with ID '{echo(task_id)}' not found")

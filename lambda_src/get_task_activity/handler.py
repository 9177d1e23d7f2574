"""GET /tasks/{TaskId}/activity: what happened to a task, newest first, also when it is gone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.http.cursors import Cursors
from customer_platform.http.requests import Event, Query
from customer_platform.http.responses import Response, json_response, next_page
from customer_platform.tasks.activity import KEY_PATTERN, ActivityTable, public
from customer_platform.tasks.listing import DEFAULT_LIMIT, LIMIT_RANGE
from customer_platform.tasks.paths import not_found, path_task_id
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.wording import task_handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    task_activity_table_name: str
    task_activity_retention_days: int = settings.whole(1, 3650)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
TABLE = TaskTable(_dynamodb, SETTINGS.tasks_table_name)
ACTIVITY = ActivityTable(
    _dynamodb, SETTINGS.task_activity_table_name, SETTINGS.task_activity_retention_days
)
CURSORS = Cursors("cursor", KEY_PATTERN)
NEWEST = "~"  # above every key


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    task_id = path_task_id(event)
    query = Query(event, known={"limit", "cursor"})
    limit = query.integer("limit", LIMIT_RANGE) or DEFAULT_LIMIT
    query.check()
    cursor = query.text("cursor")
    before = NEWEST if cursor is None else CURSORS.decode(cursor, task_id)
    now = int(clock.now().timestamp())
    entries = ACTIVITY.newest(task_id, before, limit + 1, now)
    if not entries and TABLE.get(task_id) is None:
        not_found(task_id)
    headers = {"Cache-Control": "no-store"}
    if len(entries) > limit:
        last = CURSORS.encode(entries[limit - 1]["Entry"], task_id)
        headers |= next_page({"cursor": last, "limit": query.text("limit")})
    return json_response(200, [public(entry) for entry in entries[:limit]], headers)

"""GET /tasks: tasks, newest first or by due date, page by page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, Query
from customer_platform.http.responses import Response, json_response, next_page
from customer_platform.tasks import due_dates, tags
from customer_platform.tasks.listing import DEFAULT_LIMIT, LIMIT_RANGE, Wanted, page_of
from customer_platform.tasks.records import PRIORITIES, STATUSES
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.wording import task_handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    task_shards: int = settings.whole(1, 16)


SETTINGS = settings.read(Settings)
TABLE = TaskTable(client("dynamodb"), SETTINGS.tasks_table_name)
PARAMETERS = {"limit", "cursor", "Status", "Priority", "Tag", "DueBefore", "DueAfter"}


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    query = Query(event, known=PARAMETERS)
    wanted = Wanted(
        limit=query.integer("limit", LIMIT_RANGE) or DEFAULT_LIMIT,
        cursor=query.text("cursor"),
        status=query.choice("Status", STATUSES),
        priority=query.choice("Priority", PRIORITIES),
        tag=query.parsed("Tag", tags.wanted),
        due_before=query.parsed("DueBefore", due_dates.parse),
        due_after=query.parsed("DueAfter", due_dates.parse),
    )
    query.check()
    page = page_of(wanted, TABLE, SETTINGS.task_shards)
    headers = {"Cache-Control": "no-store"}
    if page.cursor is not None:
        given = {name: query.text(name) for name in sorted(PARAMETERS)}
        headers |= next_page(given | {"cursor": page.cursor})
    return json_response(200, [task.public() for task in page.tasks], headers)

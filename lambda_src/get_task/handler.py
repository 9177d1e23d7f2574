"""GET /tasks/{TaskId}."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.tasks.etags import etag
from customer_platform.tasks.paths import not_found, path_task_id
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.wording import task_handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str


SETTINGS = settings.read(Settings)
TABLE = TaskTable(client("dynamodb"), SETTINGS.tasks_table_name)


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    task_id = path_task_id(event)
    task = TABLE.get(task_id)
    if task is None:
        not_found(task_id)
    headers = {"Cache-Control": "no-store", "ETag": etag(task.version)}
    return json_response(200, task.public(), headers)

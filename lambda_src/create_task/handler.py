"""POST /tasks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.idempotency import IdempotencyTable, key_of
from customer_platform.tasks.activity import ActivityTable
from customer_platform.tasks.creating import create
from customer_platform.tasks.etags import etag
from customer_platform.tasks.models import NewTask, task_body
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.wording import task_handler
from customer_platform.tasks.writing import TaskStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    task_activity_table_name: str
    idempotency_table_name: str
    task_activity_retention_days: int = settings.whole(1, 3650)
    task_shards: int = settings.whole(1, 16)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
STORE = TaskStore(
    _dynamodb,
    TaskTable(_dynamodb, SETTINGS.tasks_table_name),
    ActivityTable(
        _dynamodb, SETTINGS.task_activity_table_name, SETTINGS.task_activity_retention_days
    ),
    SETTINGS.task_shards,
)
KEYS = IdempotencyTable(SETTINGS.idempotency_table_name)


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    body = task_body(NewTask, json_object(event))
    task = create(STORE, KEYS, body, key_of(event))
    answer = {
        "message": "Task created successfully",
        "TaskId": task.task_id,
        "data": task.public(),
    }
    return json_response(201, answer, {"ETag": etag(task.version)})

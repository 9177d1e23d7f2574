"""POST /tasks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.idempotency import IdempotencyTable, key_of
from customer_platform.tasks.creating import create
from customer_platform.tasks.etags import etag
from customer_platform.tasks.models import NewTask, task_body
from customer_platform.tasks.wording import task_handler
from customer_platform.tasks.writing import TaskStore, WriterSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True, kw_only=True)
class Settings(WriterSettings):
    idempotency_table_name: str


SETTINGS = settings.read(Settings)
STORE = TaskStore.of(client("dynamodb"), SETTINGS)
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

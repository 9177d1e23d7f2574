"""PUT /tasks/{TaskId}: changes the fields that the request names."""

from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.tasks.etags import etag, expected
from customer_platform.tasks.models import TaskChanges, task_body
from customer_platform.tasks.paths import path_task_id
from customer_platform.tasks.wording import task_handler
from customer_platform.tasks.writing import TaskStore, WriterSettings, update

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


STORE = TaskStore.of(client("dynamodb"), settings.read(WriterSettings))


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    task_id = path_task_id(event)
    named = task_body(TaskChanges, json_object(event)).named()
    task = update(STORE, task_id, named, expected(event))
    shown = {name: value for name, value in task.public().items() if name in named}
    answer = {"message": "Task updated successfully", "data": {"TaskId": task_id, **shown}}
    return json_response(200, answer, {"ETag": etag(task.version)})

"""DELETE /tasks/{TaskId}."""

from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, no_query
from customer_platform.http.responses import Response, no_content
from customer_platform.tasks.etags import expected
from customer_platform.tasks.paths import path_task_id
from customer_platform.tasks.wording import task_handler
from customer_platform.tasks.writing import TaskStore, WriterSettings, delete

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


STORE = TaskStore.of(client("dynamodb"), settings.read(WriterSettings))


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    """204 has no body; document 3 shows one, which HTTP forbids."""
    no_query(event)
    delete(STORE, path_task_id(event), expected(event))
    return no_content()

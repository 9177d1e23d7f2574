"""DELETE /tasks/{TaskId}."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import Event, no_query
from customer_platform.http.responses import Response, no_content
from customer_platform.tasks.activity import ActivityTable
from customer_platform.tasks.etags import expected
from customer_platform.tasks.paths import path_task_id
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.wording import task_handler
from customer_platform.tasks.writing import TaskStore, delete

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    task_activity_table_name: str
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


@task_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    """204 has no body; document 3 shows one, which HTTP forbids."""
    no_query(event)
    delete(STORE, path_task_id(event), expected(event))
    return no_content()

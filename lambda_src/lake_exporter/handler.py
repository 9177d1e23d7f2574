"""Stream of the feedback table: writes new feedback into the data lake."""

from dataclasses import dataclass
from typing import Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.dead_letters import DeadLetterQueue
from customer_platform.lake.export import export
from customer_platform.lake.salt import Salt
from customer_platform.lake.storage import LakeBucket
from customer_platform.streams import stream_handler


@dataclass(frozen=True)
class Settings:
    lake_bucket: str
    customer_salt_parameter: str
    dead_letter_queue_url: str


SETTINGS = settings.read(Settings)
LAKE = LakeBucket(client("s3"), SETTINGS.lake_bucket)
SALT = Salt(client("ssm"), SETTINGS.customer_salt_parameter)
DEAD_LETTERS = DeadLetterQueue(client("sqs"), SETTINGS.dead_letter_queue_url)


@stream_handler
def lambda_handler(records: list[Any]) -> None:
    export(records, SALT.value(), LAKE, DEAD_LETTERS)

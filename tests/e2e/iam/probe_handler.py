"""Makes AWS calls and tells how each ended. Runs in the tests as root, and as a Lambda function
under the role of another one.

No import but boto3's: this file alone is the function's package.
"""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

DONE = "done"


def perform(calls: list[dict[str, Any]], expected: list[str], **client_options: Any) -> list[str]:
    """`calls` are {service, operation, parameters}. How each ended: DONE, the code of AWS's
    refusal, or a sentence that starts with the type of another error.

    The first answer that is not expected is the last: what follows might destroy something.
    """
    clients: dict[str, Any] = {}
    answers = []
    for call in calls:
        service = call["service"]
        if service not in clients:
            once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
            clients[service] = boto3.client(service, config=once, **client_options)
        try:
            getattr(clients[service], call["operation"])(**call["parameters"])
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
        except (BotoCoreError, TypeError) as error:
            answers.append(f"{type(error).__name__}: {error}")
        else:
            answers.append(DONE)
        if answers[-1] not in expected:
            break
    return answers


def lambda_handler(event: dict[str, Any], _context: Any) -> list[str]:
    return perform(event["calls"], event["expected"])

"""Executions of the release workflow."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from customer_platform.overload import codes

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def is_running(states: "SFNClient", execution: str) -> bool:
    """Whether an execution, by its ARN, still works. Step Functions forgets one after 90 days."""
    try:
        status = states.describe_execution(executionArn=execution)["status"]
    except ClientError as error:
        if codes(error) != {"ExecutionDoesNotExist"}:
            raise
        return False
    return status in ("RUNNING", "PENDING_REDRIVE")

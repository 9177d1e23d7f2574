"""The salt of customers' hashes, kept in Parameter Store."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Salt:
    """Read at the first batch and kept: a health event must not need it."""

    def __init__(self, ssm: "SSMClient", parameter: str) -> None:
        self._ssm = ssm
        self._parameter = parameter
        self._value: bytes | None = None

    def value(self) -> bytes:
        if self._value is None:
            answer = self._ssm.get_parameter(Name=self._parameter, WithDecryption=True)
            self._value = answer["Parameter"]["Value"].encode()
        return self._value

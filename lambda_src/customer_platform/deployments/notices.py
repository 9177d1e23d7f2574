"""What people are told: one topic, read by e-mail, chat, pagers and programs."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_LONGEST_SUBJECT = 100


@dataclass(frozen=True)
class Notice:
    """`title` is one line; `facts` are what a reader wants to know next, by name."""

    title: str
    outcome: str
    facts: dict[str, str]

    def text(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.facts.items()]
        return "\n".join([self.title, "", *lines])

    def document(self) -> str:
        """For chat (the schema that AWS's chat client shows) and for programs (`metadata`)."""
        listed = "\n".join(f"*{name}*: {value}" for name, value in self.facts.items())
        return json.dumps(
            {
                "version": "1.0",
                "source": "custom",
                "content": {
                    "textType": "client-markdown",
                    "title": self.title,
                    "description": listed or self.title,
                },
                "metadata": {
                    "summary": self.title,
                    "eventType": self.outcome,
                    "additionalContext": self.facts,
                },
            }
        )


class Notices:
    def __init__(self, sns: "SNSClient", topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def publish(self, notice: Notice) -> None:
        document = notice.document()
        self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=notice.title[:_LONGEST_SUBJECT],
            MessageStructure="json",
            Message=json.dumps(
                {
                    "default": document,
                    "email": notice.text(),
                    "sms": notice.title,
                }
            ),
            MessageAttributes={
                "outcome": {"DataType": "String", "StringValue": notice.outcome},
            },
        )

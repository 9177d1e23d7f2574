"""Events as SES documents them (Developer Guide, "Examples of event data that Amazon SES publishes
to Amazon SNS"), for messages of ours."""

from __future__ import annotations

import json
from typing import Any

ADDRESS = "recipient@example.com"
SES_ID = "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"
FEEDBACK = "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000"
GREETING = "Successfully validated SNS topic for Amazon SES event publishing."


def mail(message_id: str | None, address: str = ADDRESS) -> dict[str, Any]:
    """`messageId` is SES's; ours is a tag."""
    tags = {
        "ses:configuration-set": ["messages-test"],
        "ses:source-ip": ["192.0.2.0"],
        "ses:from-domain": ["example.com"],
        "ses:caller-identity": ["lambda-send-email-role-test"],
        "template": ["message"],
    }
    return {
        "timestamp": "2017-08-05T00:40:02.012Z",
        "source": "Sender Name <sender@example.com>",
        "sourceArn": "arn:aws:ses:us-west-1:123456789012:identity/sender@example.com",
        "sendingAccountId": "123456789012",
        "messageId": SES_ID,
        "destination": [address],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "Sender Name <sender@example.com>"},
            {"name": "To", "value": address},
            {"name": "Subject", "value": "Message sent from Amazon SES"},
        ],
        "commonHeaders": {
            "from": ["Sender Name <sender@example.com>"],
            "to": [address],
            "messageId": SES_ID,
            "subject": "Message sent from Amazon SES",
        },
        "tags": tags | ({} if message_id is None else {"messageId": [message_id]}),
    }


def send(message_id: str | None, address: str = ADDRESS) -> dict[str, Any]:
    return {"eventType": "Send", "mail": mail(message_id, address), "send": {}}


def delivery(message_id: str | None, address: str = ADDRESS) -> dict[str, Any]:
    return {
        "eventType": "Delivery",
        "mail": mail(message_id, address),
        "delivery": {
            "timestamp": "2017-08-05T00:40:05.123Z",
            "processingTimeMillis": 11893,
            "recipients": [address],
            "smtpResponse": "250 2.6.0 Message received",
            "remoteMtaIp": "192.0.2.9",
            "reportingMTA": "mta.example.com",
        },
    }


def bounce(
    message_id: str | None, address: str = ADDRESS, kind: str = "Permanent", sub: str = "General"
) -> dict[str, Any]:
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": sub,
            "bouncedRecipients": [
                {
                    "emailAddress": "forwarded-to@example.net",
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": f"smtp; 550 5.1.1 <{address}> user unknown",
                }
            ],
            "timestamp": "2017-08-05T00:41:02.669Z",
            "feedbackId": FEEDBACK,
            "reportingMTA": "dsn; mta.example.com",
        },
        "mail": mail(message_id, address),
    }


def complaint(
    message_id: str | None,
    address: str = ADDRESS,
    kind: str | None = "abuse",
    sub: str | None = None,
) -> dict[str, Any]:
    return {
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": address}],
            "timestamp": "2017-08-05T00:41:02.669Z",
            "feedbackId": FEEDBACK,
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintSubType": sub,
            "complaintFeedbackType": kind,
            "arrivalDate": "2017-08-05T00:41:02.669Z",
        },
        "mail": mail(message_id, address),
    }


def reject(message_id: str | None, address: str = ADDRESS) -> dict[str, Any]:
    return {
        "eventType": "Reject",
        "mail": mail(message_id, address),
        "reject": {"reason": "Bad content"},
    }


def delivered_by_sns(*events: dict[str, Any] | str) -> dict[str, Any]:
    """The function's event, as SNS delivers it."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "Sns": {
                    "Type": "Notification",
                    "Subject": "Amazon SES Email Event Notification",
                    "Message": event if isinstance(event, str) else json.dumps(event),
                },
            }
            for event in events
        ]
    }

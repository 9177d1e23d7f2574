"""An e-mail, handed to SES once."""

from typing import TYPE_CHECKING, Any, Protocol

from customer_platform.messages.acceptance import handing_over
from customer_platform.messages.records import TO_THE_TEAM, Head
from customer_platform.observability import log_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.exceptions import ClientError

    from customer_platform.messages.templates import Rendered

# SES's own refusals that pass: quotas, sending paused by somebody.
_LATER = frozenset({"LimitExceededException", "SendingPausedException", "TooManyRequestsException"})
_UTF8 = "UTF-8"
# RFC 3834: programs do not answer what a program wrote. The team's own neither: the answer would
# quote a visitor's words to whatever address he typed.
_AUTOMATIC = {
    "acknowledgement": "auto-replied",
    "contact": "auto-generated",
    "reminder": "auto-generated",
}


class Ses(Protocol):
    """botocore's client of SES v2."""

    def send_email(self, **request: Any) -> dict[str, Any]: ...

    def close(self) -> None: ...


class Mailer:
    """`sender`: the From address. `configuration_set`: whose events come back. `unsubscribe_base`:
    URL that /MESSAGE/TOKEN follows. `render`: templates.Templates.render."""

    def __init__(
        self,
        ses: Ses,
        sender: str,
        configuration_set: str,
        unsubscribe_base: str,
        render: "Callable[[Head], Rendered]",
    ) -> None:
        self._ses = ses
        self._sender = sender
        self._configuration_set = configuration_set
        self._unsubscribe_base = unsubscribe_base
        self._render = render

    def deliver(self, head: Head) -> str:
        """SES's id of the e-mail. Raises NotAcceptedError, NeverAcceptedError, DoubtfulError."""
        request = self.request(head)
        # A connection that SES has dropped since the last call would fail after the request went
        # out, which is a doubt: so every e-mail has one of its own.
        self._ses.close()
        with handing_over(_LATER, _tell):
            return str(self._ses.send_email(**request)["MessageId"])

    def request(self, head: Head) -> dict[str, Any]:
        """The parameters of SendEmail."""
        rendered = self._render(head)
        request: dict[str, Any] = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": [head.recipient]},
            "ConfigurationSetName": self._configuration_set,
            "EmailTags": [
                {"Name": "messageId", "Value": head.message_id},
                {"Name": "template", "Value": head.template},
            ],
            "Content": {
                "Simple": {
                    "Subject": {"Data": rendered.subject, "Charset": _UTF8},
                    "Body": {
                        "Text": {"Data": rendered.text, "Charset": _UTF8},
                        "Html": {"Data": rendered.html, "Charset": _UTF8},
                    },
                    "Headers": self._headers(head),
                }
            },
        }
        if head.reply_to is not None:
            request["ReplyToAddresses"] = [head.reply_to]
        return request

    def _headers(self, head: Head) -> list[dict[str, str]]:
        headers = {}
        if head.template not in TO_THE_TEAM:
            # RFC 8058: the mail program unsubscribes with one POST, without opening a page.
            url = f"{self._unsubscribe_base}/{head.message_id}/{head.unsubscribe_token}"
            headers["List-Unsubscribe"] = f"<{url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if head.template in _AUTOMATIC:
            headers["Auto-Submitted"] = _AUTOMATIC[head.template]
        return [{"Name": name, "Value": value} for name, value in headers.items()]


def _tell(error: "ClientError") -> None:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
        # Not the message's fault: a release may have taken a right away.
        log_failure("SES refused the function", error)

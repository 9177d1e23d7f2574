"""POST /contact: the visitor's words go to the team, and fixed words to the visitor.

Nobody can have text of his choice sent to somebody else: the team's inbox is set when the stack is
made, and what goes to the address that the visitor gives holds nothing of what he says.
"""

from collections.abc import Callable

from botocore.exceptions import ClientError

from customer_platform.messages.models import ContactRequest
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.submission import (
    NotStartedError,
    Outbox,
    RateLimitedError,
    Submission,
    Submitted,
)
from customer_platform.observability import count, log_failure
from customer_platform.overload import UNREACHABLE, OverloadedError


def contact(
    request: ContactRequest,
    key: str | None,
    team_inbox: str,
    accept: Callable[[Submission], Submitted],
    acknowledgements: Outbox,
) -> Submitted:
    """What became of the message to the team, which `accept` hands in.

    The visitor's acknowledgement is beside the point: whether it goes out, or why not, changes no
    answer, which must not tell who has been written to.
    """
    submitted = accept(
        Submission(
            channel="email",
            recipient=team_inbox,
            subject=request.subject,
            text=request.message,
            template="contact",
            reply_to=request.email,
            key=key,
            limited=False,  # whoever floods it would keep the others' messages out
        )
    )
    # Somebody may type the team's own address: an acknowledgement has a link to unsubscribe, and
    # whoever followed it would keep what visitors write from the team.
    if recipient_key(request.email) != recipient_key(team_inbox):
        _acknowledge(request.email, submitted.message_id, acknowledgements)
    return submitted


def _acknowledge(address: str, message_id: str, outbox: Outbox) -> None:
    acknowledgement = Submission(
        channel="email",
        recipient=address,
        subject="",  # the template has all of it
        text="",
        template="acknowledgement",
        # Of the message that it acknowledges: a repeat makes no second one.
        key=f"acknowledgement\n{message_id}",
    )
    try:
        outbox.submit(acknowledgement)
    except RateLimitedError:
        count("AcknowledgementsOverLimit")
    except NotStartedError as error:
        log_failure("Acknowledgement not started", error.__cause__ or error)
    except (ClientError, OverloadedError, *UNREACHABLE) as error:
        # The team has the message: a visitor who is told to try again would send it twice.
        log_failure("Acknowledgement not stored", error)

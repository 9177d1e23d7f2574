"""The steps of the workflow: nothing is sent twice, and nothing is lost without being told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.session import get_session
from botocore.stub import Stubber

from customer_platform import clock
from customer_platform.messages.email import Mailer
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import OUTCOME_UNKNOWN, Change, Head, Message
from customer_platform.messages.sending import Sending
from customer_platform.messages.settling import ENDED, settle
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.templates import Templates
from tests.unit.platform import MESSAGES, RECIPIENTS, ROOT, Context, Platform
from tests.unit.test_tasks import answer_lost

ID = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"
TEMPLATES = Templates(ROOT / "lambda_src/send_email/templates")


def answered(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "ada@example.com is not verified"},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        "SendEmail",
    )


class Ses:
    """Takes what it is given, or fails with `error`, before or after taking it."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.takes = True
        self.closed = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def close(self) -> None:
        self.closed += 1

    def send_email(self, **request: Any) -> dict[str, Any]:
        self.meanwhile()
        if self.takes:
            self.taken.append(request)
        if self.error:
            raise self.error
        return {"MessageId": f"ses-{len(self.taken)}"}


class Letters:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, message_id: str, reason: str) -> None:
        self.sent.append((message_id, reason))


class Case:
    """A message in the table, and the two steps."""

    def __init__(self, platform: Platform) -> None:
        self.table = MessageTable(platform.dynamodb, MESSAGES, retention_days=91)
        self.suppression = SuppressionList(platform.dynamodb, RECIPIENTS)
        self.ses = Ses()
        self.letters = Letters()
        mailer = Mailer(
            self.ses, "no-reply@example.com", "messages-test", "https://api/unsubscribe",
            TEMPLATES.render,
        )  # fmt: skip
        self.sending = Sending(self.table, self.suppression, mailer.deliver)
        self.store()

    def store(self, **other: Any) -> None:
        values = {
            "message_id": ID,
            "channel": "email",
            "recipient": "ada@example.com",
            "subject": "Hello",
            "text": "How are you?",
            "template": "message",
            "reply_to": None,
            "request_hash": "hash",
            "created_at": clock.now(),
        }
        self.table.create(Message(**values | other))

    def send(self, message_id: str = ID) -> tuple[str, str]:
        result = self.sending.send(message_id)
        return result["outcome"], result["reason"]

    def settle(self, outcome: Any, reason: str = "") -> dict[str, Any]:
        return dict(settle(ID, outcome, reason, self.table, self.letters))

    def head(self, message_id: str = ID) -> Head:
        head = self.table.head(message_id)
        assert head
        return head

    def states(self) -> list[str]:
        found = self.table.history(ID)
        assert found
        return [entry.state for entry in found[1]]


@pytest.fixture
def case(platform: Platform) -> Case:
    return Case(platform)


# --- sending


def test_a_message_is_sent_once(case: Case) -> None:
    assert case.send() == ("sent", "")
    assert case.send() == ("sent", "")
    assert len(case.ses.taken) == 1
    assert case.states() == ["queued", "sending", "sent"]
    assert (case.head().status, case.head().attempts) == ("sent", 1)


def test_a_claim_whose_answer_got_lost_is_ones_own(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else has claimed it: it is sent, and no doubt about it."""
    answer_lost(case.table._dynamodb, monkeypatch)
    assert case.send() == ("sent", "")
    assert case.states() == ["queued", "sending", "sent"]


class Silence:
    """Transactions of DynamoDB that nobody answers, from the `first` on: carried out or not."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first = 1
        self.calls = 0
        self.left = 0
        self.carried_out = True
        self._done: dict[str, dict[str, Any]] = {}  # by token, as DynamoDB does
        self._write = dynamodb.transact_write_items
        monkeypatch.setattr(dynamodb, "transact_write_items", self._answer)
        monkeypatch.setattr("customer_platform.transactions.pause", lambda _attempt: None)

    def _answer(self, **request: Any) -> dict[str, Any]:
        self.calls += 1
        token = request["ClientRequestToken"]
        is_silent = self.calls >= self.first and self.left > 0
        if token not in self._done and (self.carried_out or not is_silent):
            self._done[token] = self._write(**request)
        if is_silent:
            self.left -= 1
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return self._done[token]


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("first", [1, 2], ids=["claim", "outcome"])
def test_a_table_that_is_silent_for_a_while_makes_no_doubt(
    first: int, carried_out: bool, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SES accepted would be in doubt, or what nobody has sent."""
    silence = Silence(case.table._dynamodb, monkeypatch)
    silence.first, silence.carried_out, silence.left = first, carried_out, 5
    assert case.send() == ("sent", "")
    assert silence.left == 0
    assert case.send() == ("sent", "")
    assert len(case.ses.taken) == 1
    assert case.states() == ["queued", "sending", "sent"]


def test_what_was_given_back_to_a_silent_table_is_tried_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = Silence(case.table._dynamodb, monkeypatch)
    silence.first, silence.left = 2, 5
    case.ses.error, case.ses.takes = answered("Throttling", 400), False
    assert case.send()[0] == "throttled"
    case.ses.error, case.ses.takes = None, True
    assert case.send() == ("sent", "")


@pytest.mark.parametrize(("first", "sent"), [(1, 0), (2, 1)], ids=["claim", "outcome"])
def test_a_table_that_stays_silent_is_given_up_in_time(
    first: int, sent: int, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the function's own end. Who had claimed it is gone then, which is a doubt."""
    started = now = 1000.0

    def passing() -> float:
        nonlocal now
        now += 1
        return now

    monkeypatch.setattr("customer_platform.transactions.time.monotonic", passing)
    silence = Silence(case.table._dynamodb, monkeypatch)
    silence.first, silence.carried_out, silence.left = first, first == 1, 1000
    with pytest.raises(ReadTimeoutError):
        case.send()
    assert now - started < 60
    silence.left = 0
    assert case.send() == ("in_doubt", "claimed before")
    assert len(case.ses.taken) == sent


def test_every_email_has_a_connection_of_its_own(case: Case) -> None:
    """One that the service has dropped fails after the request went out: a doubt about nothing."""
    case.send()
    assert case.ses.closed == 1


NOT_ACCEPTED = [
    answered("TooManyRequestsException", 429),
    answered("Throttling", 400),
    answered("ThrottlingException", 400),
    answered("LimitExceededException", 400),
    answered("SendingPausedException", 400),
    answered("ExpiredTokenException", 403),
    answered("ServiceUnavailable", 503),
    answered("Unknown", 429),
    ConnectTimeoutError(endpoint_url="ses"),
    EndpointConnectionError(endpoint_url="ses"),
]


@pytest.mark.parametrize("error", NOT_ACCEPTED, ids=repr)
def test_what_was_not_taken_is_tried_again_and_arrives_once(error: Exception, case: Case) -> None:
    case.ses.error, case.ses.takes = error, False
    outcome, reason = case.send()
    assert outcome == "throttled"
    assert "example.com" not in reason
    assert (case.head().phase, case.head().reason) == ("queued", reason)
    case.ses.error, case.ses.takes = None, True
    assert case.send() == ("sent", "")
    assert len(case.ses.taken) == 1
    assert case.states() == ["queued", "sending", "throttled", "sending", "sent"]
    assert (case.head().attempts, case.head().reason) == (2, None)


DOUBTFUL = [
    ReadTimeoutError(endpoint_url="ses"),
    ConnectionClosedError(endpoint_url="ses"),
    answered("InternalFailure", 500),
    answered("BadGateway", 502),
    answered("RequestTimeout", 408),
]


@pytest.mark.parametrize("error", DOUBTFUL, ids=repr)
def test_what_may_have_been_taken_is_never_sent_again(error: Exception, case: Case) -> None:
    case.ses.error = error
    assert case.send()[0] == "in_doubt"
    case.ses.error = None
    assert [case.send()[0] for _ in range(3)] == ["in_doubt"] * 3
    assert len(case.ses.taken) == 1
    assert case.states() == ["queued", "sending", "in_doubt"]


def test_what_another_one_had_claimed_and_never_told_of_is_not_sent(case: Case) -> None:
    """It was killed after the claim: before or after SES took it, nobody knows."""
    case.table.make(ID, Change("sending", clock.now(), "sending", claim="gone"))
    assert case.send() == ("in_doubt", "claimed before")
    assert case.ses.taken == []
    assert case.head().phase == "in_doubt"


def test_two_at_once_send_one(case: Case) -> None:
    """The second comes while the first one talks to SES."""
    second: list[str] = []
    case.ses.meanwhile = lambda: second.append(case.send()[0])
    assert case.send()[0] == "sent"
    assert second == ["in_doubt"]
    assert len(case.ses.taken) == 1
    assert case.head().phase == "sent"


def test_two_that_read_it_at_once_send_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    before = case.head()
    assert case.send()[0] == "sent"
    monkeypatch.setattr(case.table, "head", lambda _id: before)
    assert case.send() == ("in_doubt", "claimed just now")
    assert len(case.ses.taken) == 1


def test_the_event_of_the_service_may_be_quicker_than_its_answer(case: Case) -> None:
    told = Change("sent", clock.now(), "sent", ("sending", "in_doubt"), name="event", late=True)
    case.ses.meanwhile = lambda: case.table.make(ID, told)
    assert case.send() == ("sent", "")
    assert case.states().count("sent") == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("MessageRejected", 400),
        ("MailFromDomainNotVerifiedException", 400),
        ("AccountSuspendedException", 400),
        ("NotFoundException", 404),
        ("BadRequestException", 400),
        ("AccessDeniedException", 403),
    ],
)
def test_what_is_never_taken_is_refused_at_once(code: str, status: int, case: Case) -> None:
    case.ses.error, case.ses.takes = answered(code, status), False
    assert case.send() == ("refused", code)
    assert case.settle("refused", code) == {"status": "failed", "reason": code}
    assert case.send() == ("failed", code)
    assert case.letters.sent == [(ID, code)]
    assert (case.head().status, case.head().reason) == ("failed", code)


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 403), ("MessageRejected", 400)]
)
def test_a_right_that_is_missing_counts_against_the_release_and_a_bad_message_does_not(
    code: str, status: int, case: Case, output: Callable[[], list[dict[str, Any]]]
) -> None:
    case.ses.error, case.ses.takes = answered(code, status), False
    case.send()
    errors = [line["errorMessage"] for line in output() if line.get("level") == "ERROR"]
    assert errors == (["SendEmail was answered with AccessDeniedException"] * (status == 403))


def test_nothing_goes_to_who_must_not_be_written_to(case: Case) -> None:
    case.suppression.suppress(recipient_key("ADA@example.com"), "bounced", None, clock.now())
    assert case.send() == ("suppressed", "suppressed: bounced")
    assert case.ses.taken == []
    assert case.settle("suppressed", "suppressed: bounced")["status"] == "failed"
    assert case.letters.sent == []  # nobody has to do anything
    assert case.states() == ["queued", "failed"]


@pytest.mark.parametrize("template", ["contact", "reminder"])
def test_an_inbox_of_the_team_that_is_suppressed_is_told_of(template: str, case: Case) -> None:
    """Else what visitors write would be lost in silence."""
    other = "7e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"
    case.store(message_id=other, template=template)
    case.suppression.suppress(recipient_key("ada@example.com"), "complained", None, clock.now())
    assert case.send(other) == ("refused", "suppressed: complained")


def test_a_message_that_is_not_there_is_refused(case: Case) -> None:
    assert case.send("00000000-3a35-4a9e-b0c5-2a2d0b1f8f10") == ("refused", "unknown message")


# --- settling


def test_a_doubt_that_nobody_resolves_fails_and_is_told_of_as_often_as_asked(case: Case) -> None:
    case.ses.error = ReadTimeoutError(endpoint_url="ses")
    case.send()
    for _ in range(2):
        assert case.settle("in_doubt", "ReadTimeoutError") == {
            "status": "failed",
            "reason": OUTCOME_UNKNOWN,
        }
    assert case.letters.sent == [(ID, OUTCOME_UNKNOWN)] * 2
    assert case.states() == ["queued", "sending", "in_doubt", "failed"]


def test_a_step_that_died_after_its_claim_leaves_a_doubt(case: Case) -> None:
    case.table.make(ID, Change("sending", clock.now(), "sending", claim="gone"))
    assert case.settle("error", "the step that sends failed")["reason"] == OUTCOME_UNKNOWN


def test_a_step_that_died_before_its_claim_leaves_none(case: Case) -> None:
    assert case.settle("error", "the step that sends failed")["reason"] == (
        "the step that sends failed"
    )


def test_what_turned_out_to_be_sent_is_not_failed(case: Case) -> None:
    case.send()
    assert case.settle("in_doubt", "x") == {"status": "sent", "reason": ""}
    assert case.letters.sent == []
    assert case.head().status == "sent"


def test_what_is_told_too_late_still_counts(case: Case) -> None:
    """The one that was thought dead comes back after it was given up."""
    case.ses.meanwhile = lambda: case.settle("error", "x")
    assert case.send() == ("sent", "")
    assert case.head().status == "sent"
    assert case.states() == ["queued", "sending", "failed", "sent"]


def test_what_was_given_up_is_not_given_back(case: Case) -> None:
    case.ses.error, case.ses.takes = answered("Throttling", 400), False
    case.ses.meanwhile = lambda: case.settle("error", "x")
    assert case.send()[0] == "throttled"
    assert case.head().phase == "failed"
    case.ses.error, case.ses.takes = None, True
    assert case.send() == ("failed", OUTCOME_UNKNOWN)
    assert case.ses.taken == []


def test_a_message_that_is_not_there_is_told_of(case: Case) -> None:
    missing = "00000000-3a35-4a9e-b0c5-2a2d0b1f8f10"
    settle(missing, "refused", "unknown message", case.table, case.letters)
    assert case.letters.sent == [(missing, "unknown message")]


def test_one_that_moves_on_meanwhile_is_looked_at_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = case.table.head
    stale = iter([case.head()])
    case.send()
    monkeypatch.setattr(case.table, "head", lambda known: next(stale, None) or read(known))
    assert case.settle("error", "x")["status"] == "sent"


# --- the functions


def test_the_functions_answer_what_the_workflow_asks_for(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(platform)
    send, end = platform.modules["send_email"], platform.modules["settle_message"]
    monkeypatch.setattr(send, "SENDING", case.sending)
    monkeypatch.setattr(end, "DEAD_LETTERS", case.letters)
    case.ses.error, case.ses.takes = answered("MessageRejected", 400), False
    assert send.lambda_handler({"messageId": ID}, Context()) == {
        "outcome": "refused",
        "reason": "MessageRejected",
    }
    event = {"messageId": ID, "outcome": "refused", "reason": "MessageRejected"}
    assert end.lambda_handler(event, Context()) == {
        "status": "failed",
        "reason": "MessageRejected",
    }
    assert case.letters.sent == [(ID, "MessageRejected")]
    with pytest.raises(Exception, match="outcome must be one of"):
        end.lambda_handler({**event, "outcome": "eaten"}, Context())


def test_ses_is_asked_once_per_claim(platform: Platform) -> None:
    """The SDK's own second attempt would be a second e-mail."""
    ses = platform.modules["send_email"]._mailer._ses
    assert ses.meta.config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert ses.meta.config.read_timeout >= 10


def test_dead_letters_hold_id_and_reason_alone(platform: Platform) -> None:
    from customer_platform.messages.settling import MessageDeadLetters

    MessageDeadLetters(platform._sqs, platform.dead_letter_url).send(ID, "MessageRejected")
    [message] = platform._sqs.receive_message(QueueUrl=platform.dead_letter_url)["Messages"]
    assert json.loads(message["Body"]) == {"messageId": ID, "reason": "MessageRejected"}


def test_the_workflow_knows_every_end() -> None:
    text = (ROOT / "terraform/workflows/customer_message/definition.asl.yaml.tftpl").read_text()
    for outcome in ("error", "refused"):
        assert f"outcome: {outcome}" in text
    assert set(ENDED) | {"sent"} == {
        "sent", "throttled", "in_doubt", "suppressed", "refused", "failed", "error",
    }  # fmt: skip


# --- the request


def _head(**other: Any) -> Head:
    values = {
        "message_id": ID,
        "channel": "email",
        "recipient": "ada@example.com",
        "subject": "Hello",
        "text": "How are you?",
        "template": "message",
        "reply_to": None,
        "unsubscribe_token": "token",
        "request_hash": "hash",
        "status": "queued",
        "phase": "queued",
        "attempts": 0,
        "reason": None,
        "claim": None,
        "created_at": "",
        "updated_at": "",
        "expires_at": 0,
    }
    return Head(**values | other)


def _request(**other: Any) -> dict[str, Any]:
    mailer = Mailer(
        Ses(), "no-reply@example.com", "set", "https://api/unsubscribe", TEMPLATES.render
    )
    return mailer.request(_head(**other))


def test_what_ses_is_asked_is_what_it_documents() -> None:
    """botocore's own model of SendEmail takes it, headers and tags included."""
    ses: Any = get_session().create_client("sesv2", region_name="us-west-1")
    with Stubber(ses) as stub:
        stub.add_response("send_email", {"MessageId": "1"}, _request())
        ses.send_email(**_request())


def test_a_message_to_a_customer_can_be_unsubscribed_from_with_one_click() -> None:
    request = _request()
    assert request["FromEmailAddress"] == "no-reply@example.com"
    assert request["Destination"] == {"ToAddresses": ["ada@example.com"]}
    assert request["ConfigurationSetName"] == "set"
    assert request["EmailTags"] == [
        {"Name": "messageId", "Value": ID},
        {"Name": "template", "Value": "message"},
    ]
    assert "ReplyToAddresses" not in request
    assert request["Content"]["Simple"]["Headers"] == [
        {"Name": "List-Unsubscribe", "Value": f"<https://api/unsubscribe/{ID}/token>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]


def test_the_team_unsubscribes_from_nothing_and_answers_the_visitor() -> None:
    request = _request(template="contact", recipient="team@example.com", reply_to="ada@example.com")
    # No List-Unsubscribe, and no answering machine carries a visitor's words to whom he likes.
    assert request["Content"]["Simple"]["Headers"] == [
        {"Name": "Auto-Submitted", "Value": "auto-generated"}
    ]
    assert request["ReplyToAddresses"] == ["ada@example.com"]
    reminder = _request(template="reminder")["Content"]["Simple"]["Headers"]
    assert reminder == [{"Name": "Auto-Submitted", "Value": "auto-generated"}]


HOSTILE = """<script>alert('1')</script> & "quotes" ${subject} $$text {{7*7}} %s </div>"""


def test_html_is_escaped_and_text_is_as_it_was() -> None:
    simple = _request(subject=HOSTILE, text=f"{HOSTILE}\n\nline $text")["Content"]["Simple"]
    assert simple["Subject"]["Data"] == HOSTILE
    assert simple["Body"]["Text"]["Data"] == f"{HOSTILE}\n\nline $text"
    page = simple["Body"]["Html"]["Data"]
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;") == 2
    assert page.count("</div>") == 1


def test_an_acknowledgement_says_the_same_to_everybody() -> None:
    one = _request(template="acknowledgement", subject="", text="")
    other = _request(
        template="acknowledgement", subject=HOSTILE, text=HOSTILE, reply_to="eve@example.com"
    )
    assert one["Content"] == other["Content"]
    assert {"Name": "Auto-Submitted", "Value": "auto-replied"} in one["Content"]["Simple"][
        "Headers"
    ]


@pytest.mark.parametrize("file", sorted(Path(ROOT / "lambda_src/send_email/templates").iterdir()))
def test_every_template_is_there_in_text_and_html_and_one_line_of_subject(file: Path) -> None:
    assert file.suffix in {".txt", ".html"}
    other = {".txt": ".html", ".html": ".txt"}[file.suffix]
    assert file.with_suffix(other).exists()
    rendered = TEMPLATES.render(_head(template=file.stem))
    assert "\n" not in rendered.subject
    assert rendered.subject
    assert rendered.text
    assert "<html" in rendered.html

"""Amazon Comprehend for many texts at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from customer_platform.feedback.sentiment.base import Analysis, AnalyzerUnavailableError
from customer_platform.feedback.sentiment.comprehend import analysis, cut
from customer_platform.observability import error_code

if TYPE_CHECKING:
    from mypy_boto3_comprehend import ComprehendClient

MAX_TEXTS = 25  # of one BatchDetectSentiment

# Refusals of a whole call that may be about one text in it. Other errors are about the service,
# the account or the configuration (also UnsupportedLanguageException: all texts of a call are
# sent with one language code).
_ABOUT_A_TEXT = {"InvalidRequestException", "TextSizeLimitExceededException"}

# What no retry can mend. The API's documentation names these errors for the operation, and says
# of InternalServerException to try again; codes of single texts it does not list, and they come
# in capitals (TEXT_SIZE_LIMIT_EXCEEDED). A code that is not known here is taken to pass.
_LASTING = {"TEXTSIZELIMITEXCEEDED", "UNSUPPORTEDLANGUAGE", "INVALIDREQUEST"}

_PROBE = "Thank you."


@dataclass(frozen=True)
class Failure:
    """No answer for one text. `is_lasting`: there will never be one."""

    code: str
    is_lasting: bool


class BatchAnalyzer(Protocol):
    def analyze(self, texts: Sequence[str]) -> list[Analysis | Failure]: ...


class ComprehendBatch:
    def __init__(self, comprehend: "ComprehendClient", language: str) -> None:
        self._comprehend = comprehend
        self._language = language

    def analyze(self, texts: Sequence[str]) -> list[Analysis | Failure]:
        """One answer per text, in their order, of at most MAX_TEXTS.

        Raises AnalyzerUnavailableError if Comprehend answers for none of them: then the texts
        are not to blame.
        """
        try:
            answer = self._ask(texts)
        except (ClientError, BotoCoreError) as error:
            code = error_code(error)
            if code not in _ABOUT_A_TEXT:
                raise AnalyzerUnavailableError(code) from error
            if len(texts) > 1:
                middle = len(texts) // 2
                return [*self.analyze(texts[:middle]), *self.analyze(texts[middle:])]
            self._require_an_answer(code)
            return [Failure(code, is_lasting=True)]
        return self._in_order(answer, len(texts))

    def _ask(self, texts: Sequence[str]) -> dict[str, Any]:
        answer = self._comprehend.batch_detect_sentiment(
            TextList=[cut(text) for text in texts],
            LanguageCode=self._language,  # type: ignore[arg-type]
        )
        return dict(answer)

    def _require_an_answer(self, code: str) -> None:
        """Raises AnalyzerUnavailableError with `code` if a text of our own gets none either."""
        try:
            self._ask([_PROBE])
        except (ClientError, BotoCoreError) as error:
            raise AnalyzerUnavailableError(code) from error

    def _in_order(self, answer: dict[str, Any], count: int) -> list[Analysis | Failure]:
        found: list[Analysis | Failure] = [Failure("NoAnswer", is_lasting=False)] * count
        for error in answer.get("ErrorList", []):
            code = str(error.get("ErrorCode", "Unknown"))
            self._put(found, error, Failure(code, is_lasting=_is_lasting(code)))
        for result in answer.get("ResultList", []):
            self._put(found, result, self._analysis(result))
        return found

    def _analysis(self, result: dict[str, Any]) -> Analysis | Failure:
        try:
            return analysis(result, self._language)
        except AnalyzerUnavailableError as error:
            return Failure(error.code, is_lasting=False)

    @staticmethod
    def _put(
        found: list[Analysis | Failure], entry: dict[str, Any], answer: Analysis | Failure
    ) -> None:
        index = entry.get("Index")
        if isinstance(index, int) and 0 <= index < len(found):
            found[index] = answer


def _is_lasting(code: str) -> bool:
    return re.sub("[^A-Z]", "", code.upper()).removesuffix("EXCEPTION") in _LASTING

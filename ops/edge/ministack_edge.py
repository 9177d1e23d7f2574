"""What the embedded cloud's server runs: MiniStack, and before it the memory of answers.

Also what S3 tells CloudFront of an object that is not there (`missing_objects.py`), what CloudFront
compresses (`compression.py`), that an invocation's log is whole (`invocation_logs.py`), what it
costs to look at alarms (`alarm_evaluation.py`), and that functions start one after the other
(`cold_starts.py`).

An AWS SDK whose answer got lost asks again, under the same invocation id. AWS takes that well: most
of its calls that create something carry a token. MiniStack does not look at tokens: it has done the
thing already and says so ("already exists"), and an apply fails that went well. So whoever asks
again gets the first answer, and waits for it if it is not there yet.

Started by `emulator.py` in the embedded cloud's own environment, which knows nothing of `ops`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import alarm_evaluation  # type: ignore[import-not-found]  # beside this file
import cold_starts  # type: ignore[import-not-found]
import compression  # type: ignore[import-not-found]
import invocation_logs  # type: ignore[import-not-found]
import missing_objects  # type: ignore[import-not-found]
from ministack.app import app as ministack  # type: ignore[import-not-found]

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Answer = list[Message]

REMEMBERED = 500  # answers; the SDKs ask again within seconds
LONGEST = 256 * 1024  # bytes of a body that is kept: what creates something answers with less
alarm_evaluation.mend()
cold_starts.mend()
compression.mend()
invocation_logs.mend()
missing_objects.mend()
_logger = logging.getLogger("ministack_edge")
_answers: OrderedDict[bytes, asyncio.Future[Answer | None]] = OrderedDict()


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI."""
    headers = dict(scope.get("headers") or ())
    invocation = headers.get(b"amz-sdk-invocation-id")
    if scope["type"] != "http" or not invocation or scope["method"] == "GET":
        await ministack(scope, receive, send)
        return
    attempt = headers.get(b"amz-sdk-request", b"attempt=1")
    earlier = _answers.get(invocation)
    if earlier is not None and not attempt.startswith(b"attempt=1;"):
        answer = await asyncio.shield(earlier)
        if answer is not None:
            target = headers.get(b"x-amz-target", scope["path"].encode())
            _logger.warning("%s: %s, gets the first answer", target.decode(), attempt.decode())
            for message in answer:
                await send(message)
            return
    await _ask(invocation, scope, receive, send)


async def _ask(invocation: bytes, scope: Message, receive: Receive, send: Send) -> None:
    """Let MiniStack answer, and remember what it said: None for what should be asked again."""
    remembered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
    _answers[invocation] = remembered
    while len(_answers) > REMEMBERED:
        _answers.popitem(last=False)
    answer: Answer = []
    lost = False

    async def keep(message: Message) -> None:
        nonlocal lost
        answer.append(message)
        if lost:
            return
        try:
            await send(message)
        except Exception as error:  # whoever asked is gone: the answer is for when he asks again
            lost = True
            _logger.warning("An answer got lost: %r", error)

    try:
        await ministack(scope, receive, keep)
    finally:
        status = answer[0].get("status", 500) if answer else 500
        length = sum(len(message.get("body", b"")) for message in answer)
        # A refusal did nothing, and one for load passes: it is asked for again.
        good = status < 400 and length <= LONGEST
        remembered.set_result(answer if good else None)

"""What an invocation logged, whole and in its own log stream.

MiniStack 1.5.33 gives a function's lines 50 ms to arrive after its answer, and 5 ms after each line
(`lambda_runtime.Worker._drain_stderr_bounded`). On a machine with more to do they come later: they
end up in the log of the process's next invocation, or nowhere if there is none. Metrics, alarms and
rollbacks begin in the log, so here the process says after each invocation where its lines end.
"""

from __future__ import annotations

import queue
import time
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-not-found]

LONGEST = 30.0  # seconds for lines that are under way: written before the answer, a pipe away
END = "\x1eend of invocation "  # no line of text holds a record separator

# The last thing in the process's loop, after the handler and before its answer leaves the buffer.
_ANSWER = "        _real_stdout.flush()\n\nrun()\n"
_END_THEN_ANSWER = (
    f"        sys.stderr.write({END!r} + str(_ms_ctx.get('request_id')) + '\\n')\n"
    "        sys.stderr.flush()\n" + _ANSWER
)


def mend() -> None:
    """Let MiniStack's Python functions say where an invocation's lines end, and wait for that."""
    script: str = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_ANSWER) != 1:
        raise RuntimeError("MiniStack's Python process has changed: look at invocation_logs.py")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_ANSWER, _END_THEN_ANSWER)
    worker = lambda_runtime.Worker
    invoke, drain = worker.invoke, worker._drain_stderr_bounded

    def invoke_named(self: Any, event: Any, request_id: str, **named: Any) -> dict[str, Any]:
        self._edge_end = END + request_id  # a worker has one invocation at a time
        answer: dict[str, Any] = invoke(self, event, request_id, **named)
        return answer

    def drain_to_end(self: Any, *waits: float, **named: float) -> str:
        if not str(self.config.get("Runtime")).startswith("python"):
            found: str = drain(self, *waits, **named)
            return found
        return _lines_until(self, self._edge_end)

    worker.invoke, worker._drain_stderr_bounded = invoke_named, drain_to_end


def _lines_until(worker: Any, end: str) -> str:
    """All lines before `end`, or before the process's own end: who dies says nothing."""
    lines: list[str] = []
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        read_all = not worker._stderr_thread.is_alive()  # asked first: it may end meanwhile
        try:
            line = worker._stderr_queue.get(timeout=0 if read_all else 0.05)
        except queue.Empty:
            if read_all:
                break
            continue
        # The handler's last line may have no end of its own.
        text, mark, _ = line.partition(END)
        if text or not mark:
            lines.append(text)
        if line.endswith(end):
            break
    return "\n".join(lines)

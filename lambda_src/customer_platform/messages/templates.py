"""Templates of e-mails: `NAME.txt` and `NAME.html` in a folder.

The text's first line is the subject, an empty one follows. `$subject`, `$text` and `$reply_to` are
replaced by what the message says; in HTML they are escaped, and nothing else is made of them: no
link, no tag.
"""

import functools
import html
from dataclasses import dataclass
from pathlib import Path
from string import Template

from customer_platform.messages.records import Head


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


class Templates:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def render(self, head: Head) -> Rendered:
        """Raises KeyError for a template that names something else."""
        values = {"subject": head.subject, "text": head.text, "reply_to": head.reply_to or ""}
        escaped = {name: html.escape(value) for name, value in values.items()}
        subject, text = self._read(f"{head.template}.txt").split("\n\n", 1)
        return Rendered(
            subject=Template(subject).substitute(values),
            text=Template(text).substitute(values),
            html=Template(self._read(f"{head.template}.html")).substitute(escaped),
        )

    @functools.cache  # noqa: B019 - one of these per function, for as long as that lives
    def _read(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8").removesuffix("\n")

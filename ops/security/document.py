"""docs/security.md, for the reviewer, made from the sources and the plans."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops import ROOT
from ops.security.plans import Plan
from ops.security.review import gather

DOCUMENT = ROOT / "docs" / "security.md"
TEMPLATES = ROOT / "ops" / "security" / "templates"


def document(plans: Iterable[Plan]) -> str:
    """The document's text."""
    # Markdown of our own sources. Cost: escaping would garble every quote and arrow in it.
    environment = Environment(  # noqa: S701  # nosec B701
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = cell
    return environment.get_template("security.md.j2").render(review=gather(plans))


def cell(value: str | Iterable[str], *, code: bool = False) -> str:
    """A cell of a table: lists on lines of their own."""
    parts = [value] if isinstance(value, str) else list(value)
    texts = [part.replace("|", "\\|").replace("\n", " ") for part in parts]
    return "<br>".join(f"`{text}`" if code else text for text in texts) or "-"


def write(plans: Iterable[Plan]) -> None:
    DOCUMENT.write_text(document(plans))

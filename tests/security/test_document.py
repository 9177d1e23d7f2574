"""docs/security.md says what the sources and the plans say now."""

from __future__ import annotations

import re

from ops.security import skips
from ops.security.document import DOCUMENT, document
from ops.security.plans import Plan


def test_the_document_is_what_the_sources_say(made: list[Plan]) -> None:
    assert DOCUMENT.read_text() == document(made), "stale: `make security-report` writes it anew"


def test_every_function_and_every_skip_is_in_it(made: list[Plan]) -> None:
    """Counted another way than the document is made."""
    text = DOCUMENT.read_text()
    roles = set(re.findall(r"^### lambda-(.+)-role-SUFFIX$", text, flags=re.MULTILINE))
    functions = {
        resource.values["function_name"].removesuffix("-static-review")
        for plan in made
        for resource in plan.resources()
        if resource.kind == "aws_lambda_function"
    }
    assert roles == functions
    (_, _, accepted) = text.partition("## Everything that is accepted")
    assert len(
        re.findall(r"^\| (checkov|trivy|iam|ruff|bandit|gitleaks) ", accepted, re.MULTILINE)
    ) == len(skips.everything())


def test_it_names_no_account_and_no_made_up_word(made: list[Plan]) -> None:
    text = DOCUMENT.read_text()
    assert "123456789012" not in text
    assert "static-review" not in text
    for plan in made:
        for word in plan.symbols:
            assert not re.fullmatch(r"x[0-9a-f]{9}", word) or word not in text, word

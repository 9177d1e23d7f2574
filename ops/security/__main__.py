"""`make security`: every static scanner over sources and plans, a line per tool, findings whole.

Writes build/security/report.html and report.sarif besides; `--document` rewrites
docs/security.md too (`make security-report`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from ops import ROOT, OperatorError
from ops.security import checkov, code, document, iam, plans, report, skips, trivy
from ops.security.findings import Finding, Result
from ops.security.review import controls, missing_things
from ops.security.sarif import grouped

Scan = Callable[[], list[Result]]


def scan_everything() -> tuple[list[Result], list[str]]:
    """Results of all scanners, and what is wrong with skips and reviews.

    Raises OperatorError if a scanner did not work.
    """
    with ThreadPoolExecutor(3) as pool:  # two cores; plans start first, and the rest waits
        planned: Future[list[plans.Plan]] = pool.submit(plans.load)
        work: list[tuple[str, Scan]] = [
            ("bandit", lambda: [code.bandit()]),
            ("gitleaks", code.gitleaks),
            ("checkov (sources)", lambda: [checkov.scan_sources()]),
            ("checkov (plans)", lambda: checkov.scan_plans(planned.result())),
            ("iam", lambda: iam.scan(planned.result())),
            ("trivy", lambda: trivy.scan(planned.result())),
        ]
        futures = [pool.submit(_timed, name, scan) for name, scan in work]
        results = [result for future in futures for result in future.result()]
        made = planned.result()
    problems = [
        *skips.problems(skips.everything()),
        *checkov.stale(results),
        *iam.unused_reviews(made),
        *missing_things(controls(), {rule for result in results for rule in result.rules}),
    ]
    return results, problems


def _timed(name: str, scan: Scan) -> list[Result]:
    started = time.monotonic()
    results = scan()
    seconds = time.monotonic() - started
    state = "FAILED" if any(result.failures for result in results) else "ok"
    print(f"<-- {name}: {state} in {seconds:.0f} s", flush=True)
    return results


def summary(results: Iterable[Result]) -> str:
    """A line per tool."""
    lines = [f"{'tool':<22} {'version':<8} {'passed':>7} {'accepted':>9} {'failed':>7}  scanned"]
    lines += [
        f"{r.tool:<22} {r.version:<8} {r.passed or '-':>7} {len(r.accepted):>9}"
        f" {len(r.failures):>7}  {r.scanned}"
        for r in results
    ]
    return "\n".join(lines)


def told(findings: Iterable[Finding]) -> list[str]:
    """Findings as people read them, the same one of several plans once."""
    return [_told(found) for found in grouped(findings)]


def _told(found: list[Finding]) -> str:
    first = found[0]
    plans = sorted({finding.variant for finding in found} - {""})
    said = [f"  {first.rule}: {first.title}", f"      {first.file}:{first.line} {first.subject}"]
    if first.message not in {"", first.title}:
        said.append(f"      {first.message}")
    if plans:
        said.append(f"      in {', '.join(plans)}")
    return "\n".join(said)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.security", description=__doc__)
    parser.add_argument("--document", action="store_true", help="rewrite docs/security.md")
    options = parser.parse_args(arguments)
    try:
        results, problems = scan_everything()
        made = plans.load()
        if options.document:
            document.write(made)
        report.write(results, problems, made)
    except OperatorError as error:
        print(f"make security: {error}", file=sys.stderr)
        return 1
    for result in results:
        if result.failures:
            print(f"\n{result.tool}:")
            print("\n".join(told(result.failures)))
    if problems:
        print("\nskips and reviews:")
        print("\n".join(f"  {problem}" for problem in problems))
    print(f"\n{summary(results)}\n")
    print(f"For a reviewer: {report.PAGE.relative_to(ROOT)}, {report.SARIF.relative_to(ROOT)}")
    return 1 if problems or any(result.failures for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())

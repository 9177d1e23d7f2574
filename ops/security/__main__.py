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
from dataclasses import dataclass

from ops import ROOT, OperatorError
from ops.security import checkov, code, document, iam, plans, report, skips, trivy
from ops.security.findings import Finding, Result
from ops.security.review import controls, missing_things
from ops.security.sarif import grouped

Scan = Callable[[], list[Result]]


@dataclass(frozen=True)
class Run:
    """What all scanners said, and what else is wrong."""

    results: list[Result]
    problems: list[str]  # of skips, reviews and controls
    errors: list[str]  # of scanners that did not work
    plans: list[plans.Plan]

    @property
    def red(self) -> bool:
        return bool(self.problems or self.errors or any(result.failures for result in self.results))


def scan_everything() -> Run:
    """Run all scanners; one that does not work keeps nothing of the others back."""
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
    # The same error comes once for each scanner that waited for the plans.
    errors = dict.fromkeys(str(e) for future in futures if (e := _error(future)))
    results = [r for future in futures if not _error(future) for r in future.result()]
    problems = skips.problems(skips.everything())
    if errors:
        return Run(results, problems, list(errors), [])
    made = planned.result()
    problems += [
        *checkov.stale(results),
        *iam.unused_reviews(made),
        *missing_things(controls(), {rule for result in results for rule in result.rules}),
    ]
    return Run(results, problems, [], made)


def _error(future: Future[list[Result]]) -> OperatorError | None:
    """Why a scanner did not work. Raises what is no OperatorError."""
    error = future.exception()
    if error is None or isinstance(error, OperatorError):
        return error
    raise error


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
    run = scan_everything()
    if run.plans:
        if options.document:
            document.write(run.plans)
        report.write(run.results, run.problems, run.plans)
    for result in run.results:
        if result.failures:
            print(f"\n{result.tool}:")
            print("\n".join(told(result.failures)))
    if run.problems:
        print("\nskips, reviews and controls:")
        print("\n".join(f"  {problem}" for problem in run.problems))
    for error in run.errors:
        print(f"\nnot scanned: {error}")
    print(f"\n{summary(run.results)}\n")
    if run.plans:
        print(f"For a reviewer: {report.PAGE.relative_to(ROOT)}, {report.SARIF.relative_to(ROOT)}")
    return 1 if run.red else 0


if __name__ == "__main__":
    sys.exit(main())

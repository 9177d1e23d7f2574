"""`make test` says ok only of what ran and passed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ops import check

PASSED = "3 passed in 0.10s\n"


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Runs two lanes; what each check logs and how it ends is given by name."""

    def run(**ends: tuple[str, int] | Exception) -> int:
        def make(name: str, log: Path) -> int:
            end = ends.get(name, (PASSED, 0))
            if isinstance(end, Exception):
                raise end
            log.write_text(end[0])
            return end[1]

        monkeypatch.setattr(check, "LANES", (("a", "b"), ("c", "d")))
        monkeypatch.setattr(check, "FOLDER", tmp_path)
        monkeypatch.setattr(check, "_make", make)
        return check.main([])

    return run


def test_all_pass(lanes: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert lanes() == 0
    assert capsys.readouterr().out.endswith("\n12 passed, 0 failed, 0 skipped\n")


def test_a_failed_check_fails_all(
    lanes: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lanes(b=("1 failed, 2 passed in 0.10s\n", 2)) == 1
    told = capsys.readouterr().out
    assert "Failed: b." in told
    assert told.endswith("\n11 passed, 1 failed, 0 skipped\n")


def test_a_check_that_cannot_start_fails_and_the_rest_runs(
    lanes: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lanes(c=BlockingIOError(11, "Resource temporarily unavailable")) == 1
    told = capsys.readouterr().out
    assert "Failed: c." in told
    assert told.endswith("\n9 passed, 1 failed, 0 skipped\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_lane_that_ends_early_fails_all_that_it_held(
    lanes: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lanes(c=RuntimeError("the lane ends here")) == 1
    assert "Failed: c, d." in capsys.readouterr().out


def test_tests_that_were_all_skipped_are_no_success(lanes: Callable[..., int]) -> None:
    assert lanes(a=("12 skipped in 0.10s\n", 0)) == 1
    assert lanes(a=("1 passed, 11 skipped in 0.10s\n", 0)) == 0

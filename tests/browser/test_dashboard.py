"""The dashboard: figures of the API, live, for eyes and for screen readers."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.words import mark, post_feedback
from tests.e2e.conftest import eventually

# The page asks every 15 s.
TWO_ROUNDS_MILLISECONDS = 45_000


def _figure(page: Page, title: str) -> Locator:
    # Pieces in all, or the average.
    heading = page.get_by_role("heading", name=title, level=2, exact=True)
    return page.locator("section.total", has=heading).locator("strong").first


def _total(api: httpx.Client) -> int:
    return int(api.get("/analytics").json()["totalFeedback"])


def test_totals_move_without_a_reload(page: Page, api: httpx.Client) -> None:
    post_feedback(api, f"The first {mark()}")
    eventually(lambda: _total(api), lambda total: total > 0)
    page.goto("/dashboard")
    pieces = _figure(page, "Feedback")
    expect(pieces).to_have_text(re.compile(r"^[\d,]+$"))
    before = int(pieces.inner_text().replace(",", ""))
    # Gone with a reload.
    page.evaluate("() => { window.notReloaded = true; }")
    for _ in range(3):
        post_feedback(api, f"One more {mark()}", rating=5)
    total = eventually(lambda: _total(api), lambda found: found >= before + 3)
    expect(pieces).to_have_text(f"{total:,}", timeout=TWO_ROUNDS_MILLISECONDS)
    assert page.evaluate("() => window.notReloaded") is True
    told = api.get("/analytics").json()
    expect(_figure(page, "Average rating")).to_have_text(f"{told['averageRating']:.2f}")
    expect(page.get_by_role("status").filter(has_text="now, average rating")).to_contain_text(
        f"{total:,} pieces of feedback now"
    )


def test_how_old_the_figures_are_is_said_and_grows(page: Page, api: httpx.Client) -> None:
    post_feedback(api, f"Fresh {mark()}")
    page.goto("/dashboard")
    line = page.get_by_text(re.compile(r"^Updated \d+ seconds? ago"))
    expect(line).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Updated [3-9] seconds ago"))).to_be_visible()


def test_shares_are_those_of_the_api(page: Page, api: httpx.Client) -> None:
    before = api.get("/analytics").json()["sentiment"]["negative"]
    post_feedback(api, f"Terrible, I hate it {mark()}", rating=1)
    # The last of it that is counted: from then on the figures stand.
    told = eventually(
        lambda: api.get("/analytics").json(), lambda found: found["sentiment"]["negative"] > before
    )
    page.goto("/dashboard")
    for name, share in told["sentimentPercentage"].items():
        item = page.get_by_role("listitem").filter(has_text=re.compile(name, re.IGNORECASE)).first
        shown = f"{round(share, 1):g}%"
        expect(item).to_contain_text(shown)


def test_the_period_changes_every_chart_and_stands_in_the_address(
    page: Page, api: httpx.Client
) -> None:
    post_feedback(api, f"Today {mark()}")
    page.goto("/dashboard")
    sliders = page.get_by_role("slider")
    expect(sliders).to_have_count(3)
    for days in (7, 90, 30):
        page.locator("label", has_text=re.compile(rf"^{days} days$")).click()
        for slider in sliders.all():
            expect(slider).to_have_attribute("max", str(days - 1))
        address = r"/dashboard$" if days == 30 else rf"\?days={days}$"
        expect(page).to_have_url(re.compile(address))
    page.goto("/dashboard?days=7")
    expect(page.get_by_role("radio", name="7 days")).to_be_checked()


def test_every_chart_has_a_table_with_the_same_figures(page: Page, api: httpx.Client) -> None:
    post_feedback(api, f"In the table {mark()}")
    daily = api.get("/analytics", params={"days": 7}).json()["daily"]
    page.goto("/dashboard?days=7")
    for title in ("Volume", "Average rating", "Sentiment"):
        chart = page.get_by_role("region", name=title, exact=True)
        if title != "Volume":
            chart = page.locator("section.chart", has=page.get_by_role("heading", name=title))
        chart.get_by_text("Show as a table").click()
        rows = chart.get_by_role("row")
        expect(rows).to_have_count(8)  # days, newest first, under the headings
    volume = page.get_by_role("region", name="Volume", exact=True)
    expect(volume.get_by_role("row").nth(2).get_by_role("cell")).to_have_text(
        f"{daily[-2]['count']:,}"
    )


def test_a_day_is_read_by_keys(page: Page, api: httpx.Client) -> None:
    post_feedback(api, f"By keys {mark()}")
    page.goto("/dashboard?days=7")
    slider = page.get_by_role("slider", name="Volume: day")
    slider.focus()
    today = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuetext", today or "")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"20\d\d: .*feedback"))

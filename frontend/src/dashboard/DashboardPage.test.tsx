import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useLocation } from "react-router";
import type { components } from "../api/schema";
import { expectAccessible } from "../test/axe";
import { bePatient } from "../test/patience";
import { renderPage } from "../test/render";
import { on } from "../test/server";
import DashboardPage from "./DashboardPage";
import type { Analytics, Day } from "./series";
import { REFRESH_MILLISECONDS } from "./useAnalytics";

const TODAY = "2026-03-31";

/** Ninety days up to today; feedback on the last ten only. */
function ninetyDays(): Day[] {
  return Array.from({ length: 90 }, (_, index) => {
    const date = new Date(Date.parse(`${TODAY}T00:00:00Z`) - (89 - index) * 86_400_000);
    const count = index >= 80 ? index - 79 : 0;
    return {
      date: date.toISOString().slice(0, 10),
      count,
      averageRating: index === 85 ? 0 : count && 3 + (index % 3) / 2,
      sentiment: { positive: count, neutral: 0, negative: 0, mixed: 0 },
    };
  });
}

function figures(totalFeedback: number): Analytics {
  return {
    totalFeedback,
    averageRating: 4.3,
    sentiment: { positive: 800, neutral: 280, negative: 134, mixed: 20 },
    sentimentPercentage: { positive: 64.8, neutral: 22.7, negative: 10.9, mixed: 1.6 },
    lastUpdated: `${TODAY}T11:59:00.000Z`,
    daily: ninetyDays(),
  };
}

const EMPTY: Analytics = {
  totalFeedback: 0,
  averageRating: 0,
  sentiment: { positive: 0, neutral: 0, negative: 0, mixed: 0 },
  sentimentPercentage: { positive: 0, neutral: 0, negative: 0, mixed: 0 },
  lastUpdated: null,
  daily: ninetyDays().map((day) => ({ ...day, count: 0, averageRating: 0 })),
};

const FAULT: components["schemas"]["Error"] = {
  error: "InternalError",
  message: "A fault",
  details: [],
  requestId: "req-7",
};

function failing(): void {
  on("get", "/analytics", () => ({ status: 500, body: FAULT }));
}

bePatient();

function Address() {
  return <output aria-label="address">{useLocation().search}</output>;
}

async function open(at = "/dashboard") {
  return await renderPage(
    <>
      <DashboardPage />
      <Address />
    </>,
    { at },
  );
}

function answering(analytics: Analytics, headers: Record<string, string> = {}): void {
  on("get", "/analytics", () => ({ status: 200, body: analytics, headers }));
}

async function pass(milliseconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(milliseconds));
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse(`${TODAY}T12:00:00Z`) });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(private readonly changed: ResizeObserverCallback) {}
      observe() {
        const entry = { contentRect: { width: 640 } } as ResizeObserverEntry;
        this.changed([entry], this as unknown as ResizeObserver);
      }
      disconnect() {
        return undefined;
      }
    },
  );
});

describe("figures", () => {
  it("are totals, the average and shares in words", async () => {
    answering(figures(1234));
    await open();
    expect(await screen.findByText("1,234")).toBeVisible();
    expect(screen.getByText("4.30")).toBeVisible();
    const shares = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
    expect(shares).toContain("Positive64.8%800");
    expect(shares).toContain("Negative10.9%134");
  });

  it("asks once for all periods, past the browser's own copy", async () => {
    const seen: string[] = [];
    on("get", "/analytics", ({ request, url }) => {
      seen.push(`${url.search} ${request.cache}`);
      return { status: 200, body: figures(1) };
    });
    const { user } = await open();
    await user.click(await screen.findByRole("radio", { name: "90 days" }));
    expect(seen).toEqual(["?days=90 no-cache"]);
  });

  it("show blocks while they are loaded", async () => {
    answering(figures(1));
    await open();
    expect(screen.getByText("Loading the figures")).toBeInTheDocument();
    await screen.findByRole("heading", { name: "Volume" });
    expect(screen.queryByText("Loading the figures")).not.toBeInTheDocument();
  });

  it("invite to give feedback while there is none", async () => {
    answering(EMPTY);
    await open();
    expect(await screen.findByText("No feedback yet")).toBeVisible();
    expect(screen.getByRole("link", { name: "Give feedback" })).toHaveAttribute("href", "/");
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
  });

  it("say so when the days that are shown have none", async () => {
    answering({ ...figures(9), daily: EMPTY.daily ?? [] });
    await open("/dashboard?days=7");
    expect(await screen.findByText("No feedback in the last 7 days")).toBeVisible();
  });

  it("have no broken rule of accessibility", async () => {
    answering(figures(1234));
    const { container } = await open();
    await screen.findByText("1,234");
    for (const chart of CHARTS) await rows(chart);
    vi.useRealTimers();
    await expectAccessible(container);
  });
});

describe("period", () => {
  it("is thirty days, and what the URL says", async () => {
    answering(figures(1));
    const { user } = await open("/dashboard?days=7");
    expect(await screen.findByRole("radio", { name: "7 days" })).toBeChecked();
    expect(await rows("Average rating")).toHaveLength(7);

    await user.click(screen.getByRole("radio", { name: "90 days" }));
    expect(screen.getByLabelText("address")).toHaveTextContent("?days=90");
    expect(await rows("Average rating")).toHaveLength(90);

    await user.click(screen.getByRole("radio", { name: "30 days" }));
    expect(screen.getByLabelText("address")).toHaveTextContent("");
    expect(await rows("Average rating")).toHaveLength(30);
  });
});

describe("charts", () => {
  it("say in a sentence what they show", async () => {
    answering(figures(1));
    await open();
    const volume = await screen.findByRole("img", { name: /pieces of feedback in 30 days/ });
    expect(volume).toHaveAccessibleName(
      "55 pieces of feedback in 30 days. Busiest day: 31 Mar with 10.",
    );
    expect(within(volume).getByText("10")).toBeInTheDocument();
    expect(volume.querySelectorAll(".chart-bar")).toHaveLength(30);
    expect(screen.getByRole("img", { name: /Highest 4.00 on/ })).toBeInTheDocument();
    expect(screen.getByRole("img", { name: /100% positive/ })).toBeInTheDocument();
  });

  it("interrupt the line where nobody rated", async () => {
    answering(figures(1));
    await open();
    const chart = await screen.findByRole("img", { name: /Highest/ });
    // Days 80–84 and 86–89 are rated, 85 is not.
    expect(chart.querySelectorAll(".chart-line")).toHaveLength(2);
    expect(chart.querySelectorAll(".chart-dot")).toHaveLength(9);
  });

  it("say every day aloud by keys, in all charts at once", async () => {
    answering(figures(1));
    await open();
    const slider = await screen.findByRole("slider", { name: "Volume: day" });
    act(() => slider.focus());
    expect(slider).toHaveAttribute("aria-valuetext", "Tue, 31 Mar 2026: 10 pieces of feedback");
    fireEvent.change(slider, { target: { value: "25" } });
    expect(slider).toHaveAttribute("aria-valuetext", "Fri, 27 Mar 2026: 6 pieces of feedback");
    const rating = screen.getByRole("region", { name: "Average rating" });
    expect(within(rating).getByText("Fri, 27 Mar 2026", { selector: "strong" })).toBeVisible();
    expect(rating).toHaveTextContent("no rating");
    act(() => slider.blur());
    expect(rating).toHaveTextContent("Highest");
  });

  it("follow the pointer", async () => {
    answering(figures(1));
    await open("/dashboard?days=7");
    const volume = await screen.findByRole("img", { name: /in 7 days/ });
    fireEvent.pointerMove(volume, { clientX: 41 });
    expect(screen.getByRole("region", { name: "Volume" })).toHaveTextContent("Wed, 25 Mar 2026");
    fireEvent.pointerMove(volume, { clientX: 633 });
    expect(screen.getByRole("region", { name: "Volume" })).toHaveTextContent("Tue, 31 Mar 2026");
    fireEvent.pointerLeave(volume);
    expect(screen.getByRole("region", { name: "Volume" })).toHaveTextContent("Busiest day");
  });

  it("are tables too, newest day first", async () => {
    answering(figures(1));
    await open("/dashboard?days=7");
    await screen.findByRole("heading", { name: "Volume" });
    expect((await rows("Volume"))[0]).toBe("Tue, 31 Mar 202610");
    expect((await rows("Average rating")).at(-1)).toBe("Wed, 25 Mar 20264.00");
    expect((await rows("Average rating"))[4]).toBe("Fri, 27 Mar 2026no rating");
    expect((await rows("Sentiment"))[0]).toBe("Tue, 31 Mar 202610 (100%)0 (0%)0 (0%)0 (0%)");
  });
});

describe("live", () => {
  it("refreshes by itself, and tells those who do not see it", async () => {
    let count = 1234;
    on("get", "/analytics", () => ({ status: 200, body: figures(count) }));
    await open();
    await screen.findByText("1,234");
    expect(screen.getByText(/^Updated/).parentElement).toHaveTextContent(
      /Updated [01] seconds? ago · last feedback counted 1 minute ago/,
    );
    const news = screen.getAllByRole("status").find(({ tagName }) => tagName === "P");
    expect(news).toBeEmptyDOMElement();

    await pass(10_000);
    expect(screen.getByText(/^Updated/)).toHaveTextContent(/1[01] seconds ago/);
    count = 1235;
    await pass(REFRESH_MILLISECONDS - 10_000);
    expect(await screen.findByText("1,235")).toBeVisible();
    expect(news).toHaveTextContent("1,235 pieces of feedback now, average rating 4.30");
    expect(screen.getByText(/^Updated/)).toHaveTextContent(/Updated [01] seconds? ago/);
  });

  it("rests while it is not seen, and is fresh at once when somebody comes back", async () => {
    let asked = 0;
    on("get", "/analytics", () => {
      asked += 1;
      return { status: 200, body: figures(asked) };
    });
    await open();
    await waitFor(() => expect(asked).toBe(1));
    const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    await pass(10 * REFRESH_MILLISECONDS);
    expect(asked).toBe(1);
    visibility.mockReturnValue("visible");
    act(() => void window.dispatchEvent(new Event("visibilitychange")));
    await waitFor(() => expect(asked).toBe(2));
  });

  it("counts the time that the answer lay in a cache", async () => {
    answering(figures(1), { Age: "42" });
    await open();
    expect(await screen.findByText(/^Updated/)).toHaveTextContent(/Updated 4[23] seconds ago/);
  });

  it("keeps the last figures when a refresh fails, and says that they are old", async () => {
    answering(figures(1234));
    await open();
    await screen.findByText("1,234");
    failing();
    await pass(REFRESH_MILLISECONDS + 1000);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("These figures are old");
    expect(screen.getByText(/They are from 1\d seconds ago/)).toBeVisible();
    expect(screen.getByText("req-7")).toBeVisible();
    expect(screen.getByText("1,234")).toBeVisible();

    answering(figures(1300));
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("1,300")).toBeVisible();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("says why there are no figures at all, and tries again", async () => {
    failing();
    const { user } = await open();
    expect(await screen.findByRole("alert")).toHaveTextContent("Reference req-7");
    answering(figures(1234));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("1,234")).toBeVisible();
  });

  it("says so without network instead of waiting for it in silence", async () => {
    on("get", "/analytics", () => "lost");
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    await open();
    expect(await screen.findByRole("alert")).toHaveTextContent("You are offline");
  });
});

const CHARTS = ["Average rating", "Volume", "Sentiment"];

/** Of a chart's table, which is opened for that. */
async function rows(chart: string): Promise<(string | null)[]> {
  const region = await screen.findByRole("region", { name: chart });
  const table = () => region.querySelectorAll("tbody tr");
  if (table().length === 0) fireEvent.click(within(region).getByText("Show as a table"));
  await waitFor(() => expect(table()).not.toHaveLength(0));
  return [...table()].map(({ textContent }) => textContent);
}

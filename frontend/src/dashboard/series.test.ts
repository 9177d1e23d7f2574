import { describe, expect, it } from "vitest";
import { periodOf } from "./period";
import {
  changeSince,
  lastDays,
  peak,
  ratingOf,
  sentimentTotals,
  shares,
  total,
  type Day,
} from "./series";
import { ago, longDay, percent, pieces, rating, shortDay } from "./wording";

function day(date: string, count: number, averageRating = 0): Day {
  return {
    date,
    count,
    averageRating,
    sentiment: { positive: count, neutral: 0, negative: 0, mixed: 0 },
  };
}

describe("days", () => {
  const daily = [
    day("2026-01-01", 2),
    day("2026-01-02", 2, 4.5),
    day("2026-01-03", 0),
    day("2026-01-04", 6, 2),
  ];

  it("are the last of what the API knows", () => {
    expect(lastDays(daily, 2).map(({ date }) => date)).toEqual(["2026-01-03", "2026-01-04"]);
    expect(lastDays(daily, 30)).toHaveLength(4);
  });

  it("add up", () => {
    expect(total(daily)).toBe(10);
    expect(sentimentTotals(daily).positive).toBe(10);
  });

  it("have no rating where nobody rated", () => {
    expect(daily.map(ratingOf)).toEqual([null, 4.5, null, 2]);
  });

  it("are compared with as many days before", () => {
    expect(changeSince(daily, 2)).toBe(50);
    expect(changeSince(daily, 3)).toBeNull();
    expect(changeSince([day("2026-01-01", 0), day("2026-01-02", 3)], 1)).toBeNull();
  });

  it("have a peak, the first of equals", () => {
    expect(peak(daily, ({ count }) => count)?.date).toBe("2026-01-04");
    expect(peak(daily, ({ count }) => -count)?.date).toBe("2026-01-03");
    expect(peak([day("2026-01-01", 1)], ratingOf)).toBeNull();
  });
});

describe("shares", () => {
  it("are per cent of all, and zero of nothing", () => {
    expect(shares({ positive: 3, neutral: 0, negative: 1, mixed: 0 })).toEqual({
      positive: 75,
      neutral: 0,
      negative: 25,
      mixed: 0,
    });
    expect(shares({ positive: 0, neutral: 0, negative: 0, mixed: 0 }).positive).toBe(0);
  });
});

describe("periodOf", () => {
  it("takes what is offered, and nothing else", () => {
    expect([periodOf("7"), periodOf("90"), periodOf("8"), periodOf(null)]).toEqual([7, 90, 30, 30]);
  });
});

describe("wording", () => {
  it("says figures as people do", () => {
    expect(rating(4.3)).toBe("4.30");
    expect(rating(null)).toBe("no rating");
    expect(percent(64.84)).toBe("64.8%");
    expect(pieces(1)).toBe("1 piece of feedback");
    expect(pieces(1234)).toBe("1,234 pieces of feedback");
  });

  it("says days in UTC", () => {
    expect(shortDay("2026-01-31")).toBe("31 Jan");
    expect(longDay("2026-01-31")).toBe("Sat, 31 Jan 2026");
  });

  it.each([
    [-5, "0 seconds ago"],
    [1000, "1 second ago"],
    [59_400, "59 seconds ago"],
    [60_000, "1 minute ago"],
    [7_300_000, "2 hours ago"],
    [200_000_000, "2 days ago"],
  ])("says that %i ms ago was %s", (milliseconds, words) => {
    expect(ago(milliseconds)).toBe(words);
  });
});

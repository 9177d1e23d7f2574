import { describe, expect, it } from "vitest";
import { dueIn, fromInput, isOverdue, startOfDay, toInput } from "./dueDates";
import { filtersOf, isBackwards, isFiltered, NO_FILTERS, queryOf, withFilters } from "./filters";

describe("filters in the URL", () => {
  it("come back as they went", () => {
    const filters = {
      status: "In Progress",
      priority: "High",
      tag: "a & b",
      dueFrom: "2026-02-01",
      dueTo: "2026-02-28",
    } as const;
    const url = withFilters(new URLSearchParams("task=1"), filters);
    expect(filtersOf(new URLSearchParams(url.toString()))).toEqual(filters);
    expect(url.get("task")).toBe("1");
    expect(withFilters(url, NO_FILTERS).toString()).toBe("task=1");
  });

  it("are none where they make no sense", () => {
    const url = new URLSearchParams(
      "status=Done&priority=high&due-from=soon&due-to=9999-01-01&tag=%20",
    );
    expect(filtersOf(url)).toEqual(NO_FILTERS);
    expect(isFiltered(filtersOf(url))).toBe(false);
  });

  it("know when the days are the wrong way round", () => {
    const filters = { ...NO_FILTERS, dueFrom: "2026-02-02", dueTo: "2026-02-01" };
    expect(isBackwards(filters)).toBe(true);
    expect(isBackwards({ ...filters, dueTo: "2026-02-02" })).toBe(false);
  });
});

describe("queryOf", () => {
  it("asks for nothing that is not wanted", () => {
    expect(queryOf(NO_FILTERS)).toEqual({});
  });

  it("includes both days, of the person's own time zone", () => {
    const { DueAfter, DueBefore } = queryOf({
      ...NO_FILTERS,
      dueFrom: "2026-02-01",
      dueTo: "2026-02-01",
    });
    expect(new Date(String(DueAfter))).toEqual(new Date(2026, 1, 1));
    expect(new Date(String(DueBefore))).toEqual(new Date(2026, 1, 2));
  });
});

describe("due dates", () => {
  it("go to the input and back to the same minute", () => {
    expect(fromInput(toInput("2027-01-31T12:34:56Z"))).toBe("2027-01-31T12:34:00Z");
  });

  it("are refused where the API would refuse them", () => {
    expect([
      fromInput(""),
      fromInput("soon"),
      fromInput("0123-01-01T00:00"),
      startOfDay("2026-1-1"),
    ]).toEqual([null, null, null, null]);
  });

  it.each([
    ["2026-01-01T00:01:00Z", "due in 1 minute"],
    ["2026-01-01T01:30:00Z", "due in 90 minutes"],
    ["2026-01-03T00:00:00Z", "due in 2 days"],
    ["2025-12-31T20:00:00Z", "4 hours overdue"],
  ])("%s is %s", (iso, words) => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(dueIn(iso, now)).toBe(words);
    expect(isOverdue(iso, now)).toBe(words.endsWith("overdue"));
  });
});

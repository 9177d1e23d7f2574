import { describe, expect, it } from "vitest";
import {
  bars,
  columnAt,
  columnCentre,
  countTicks,
  labelled,
  linePath,
  stack,
  stretches,
} from "./geometry";

const PLOT = { width: 100, height: 50 };

describe("countTicks", () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [4, [0, 1, 2, 3, 4]],
    [7, [0, 2, 4, 6, 8]],
    [16, [0, 5, 10, 15, 20]],
    [99, [0, 50, 100]],
    [1234, [0, 500, 1000, 1500]],
  ])("reaches %i in whole, round steps", (most, ticks) => {
    expect(countTicks(most)).toEqual(ticks);
  });
});

describe("bars", () => {
  it("stand on the ground, in order, inside the plot", () => {
    const found = bars([0, 5, 10], 10, PLOT);
    expect(found.map(({ y, height }) => [y, height])).toEqual([
      [50, 0],
      [25, 25],
      [0, 50],
    ]);
    const edges = found.flatMap(({ x, width }) => [x, x + width]);
    expect(edges).toEqual(edges.toSorted((one, other) => one - other));
    expect(edges.every((x) => x >= 0 && x <= PLOT.width)).toBe(true);
  });

  it("keep some width when they are ninety", () => {
    for (const bar of bars(Array<number>(90).fill(1), 1, PLOT))
      expect(bar.width).toBeGreaterThan(0.5);
  });
});

describe("stack", () => {
  it("puts each part on the one before and fills the plot", () => {
    const parts = stack([50, 30, 0, 20], 1, 4, 100, PLOT);
    expect(parts.map(({ y, height }) => [y, height])).toEqual([
      [25, 25],
      [10, 15],
      [10, 0],
      [0, 10],
    ]);
    expect(new Set(parts.map(({ x }) => x)).size).toBe(1);
  });
});

describe("stretches", () => {
  it("interrupts the line where there is no value", () => {
    const lines = stretches([null, 1, 5, null, 3], [1, 5], PLOT);
    expect(lines).toEqual([
      [
        { x: 30, y: 50 },
        { x: 50, y: 0 },
      ],
      [{ x: 90, y: 25 }],
    ]);
  });

  it("has no line without values", () => {
    expect(stretches([null, null], [1, 5], PLOT)).toEqual([]);
  });

  it("becomes a path", () => {
    expect(
      linePath([
        { x: 1, y: 2.04 },
        { x: 3.06, y: 4 },
      ]),
    ).toBe("M1 2L3.1 4");
  });
});

describe("columns", () => {
  it("are found again at their centres", () => {
    for (let index = 0; index < 30; index += 1) {
      expect(columnAt(columnCentre(index, 30, PLOT), 30, PLOT)).toBe(index);
    }
  });

  it("hold what is beside the plot too", () => {
    expect(columnAt(-5, 7, PLOT)).toBe(0);
    expect(columnAt(105, 7, PLOT)).toBe(6);
  });
});

describe("labelled", () => {
  it("labels everything where there is room, else the last and others evenly before it", () => {
    expect(labelled(3, 5)).toEqual([0, 1, 2]);
    expect(labelled(90, 4)).toEqual([20, 43, 66, 89]);
    expect(labelled(30, 16)).toEqual(Array.from({ length: 15 }, (_, index) => 2 * index + 1));
    expect(labelled(7, 1)).toEqual([6]);
  });
});

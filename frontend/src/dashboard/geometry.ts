/** Where the marks of a chart are, in pixels of its plot. No drawing, no React. */

export interface Plot {
  width: number;
  height: number;
}

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** A scale from 0 to a round number at or above `most`, in at most `steps` whole steps. */
export function countTicks(most: number, steps = 4): number[] {
  const step = roundStep(Math.max(1, most) / steps);
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** 1, 2, 5, 10, 20, 50 … and never less than 1: counts are whole. */
function roundStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((value) => value >= least);
  return step ?? power * 10;
}

/** A value's distance from the top. */
export function heightOf(
  value: number,
  [low, high]: readonly [number, number],
  plot: Plot,
): number {
  return plot.height - ((value - low) / (high - low)) * plot.height;
}

/** The middle of the column of each entry. */
export function columnCentre(index: number, count: number, plot: Plot): number {
  return ((index + 0.5) * plot.width) / count;
}

/** Which column a place belongs to. */
export function columnAt(x: number, count: number, plot: Plot): number {
  const index = Math.floor((x * count) / plot.width);
  return Math.min(count - 1, Math.max(0, index));
}

/** One bar for each value, with a gap between them that shrinks where they are many. */
export function bars(values: readonly number[], most: number, plot: Plot): Bar[] {
  return values.map((value, index) => {
    const { x, width } = column(index, values.length, plot);
    const y = heightOf(value, [0, most], plot);
    return { x, y, width, height: plot.height - y };
  });
}

/** The parts of a column that stand on each other, from the ground upwards. */
export function stack(
  parts: readonly number[],
  index: number,
  count: number,
  most: number,
  plot: Plot,
): Bar[] {
  const { x, width } = column(index, count, plot);
  let ground = plot.height;
  return parts.map((part) => {
    const height = (part / most) * plot.height;
    ground -= height;
    return { x, y: ground, width, height };
  });
}

function column(index: number, count: number, plot: Plot): { x: number; width: number } {
  const room = plot.width / count;
  const gap = Math.min(6, room * 0.25);
  return { x: index * room + gap / 2, width: room - gap };
}

/** The points of a line, in stretches: where a value is missing, the line is interrupted. */
export function stretches(
  values: readonly (number | null)[],
  range: readonly [number, number],
  plot: Plot,
): Point[][] {
  const found: Point[][] = [];
  let current: Point[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (current.length > 0) found.push(current);
      current = [];
      return;
    }
    current.push({
      x: columnCentre(index, values.length, plot),
      y: heightOf(value, range, plot),
    });
  });
  if (current.length > 0) found.push(current);
  return found;
}

export function linePath(points: readonly Point[]): string {
  return points
    .map((point, index) => `${index === 0 ? "M" : "L"}${pixels(point.x)} ${pixels(point.y)}`)
    .join("");
}

function pixels(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Which entries are labelled: at most `most`, evenly spread up to the last one. */
export function labelled(count: number, most: number): number[] {
  const step = Math.ceil(count / Math.max(1, most));
  const labels = Math.ceil(count / step);
  return Array.from({ length: labels }, (_, index) => count - 1 - index * step).reverse();
}

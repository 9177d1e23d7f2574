/** Figures and days as people read them. Days are UTC, as the API counts them. */

const WHOLE = new Intl.NumberFormat("en");
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const LONG_DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

export function whole(count: number): string {
  return WHOLE.format(count);
}

export function rating(average: number | null): string {
  return average === null ? "no rating" : average.toFixed(2);
}

export function percent(share: number): string {
  return `${Math.round(share * 10) / 10}%`;
}

export function pieces(count: number): string {
  return count === 1 ? "1 piece of feedback" : `${whole(count)} pieces of feedback`;
}

/** `day` as the API writes it: 2026-01-31. */
export function shortDay(day: string): string {
  return SHORT_DAY.format(new Date(`${day}T00:00:00Z`));
}

export function longDay(day: string): string {
  return LONG_DAY.format(new Date(`${day}T00:00:00Z`));
}

/** How long ago, in the largest unit that is not zero. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return quantity(seconds, "second");
  if (seconds < 3600) return quantity(Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return quantity(Math.floor(seconds / 3600), "hour");
  return quantity(Math.floor(seconds / 86_400), "day");
}

function quantity(count: number, unit: string): string {
  return `${whole(count)} ${unit}${count === 1 ? "" : "s"} ago`;
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

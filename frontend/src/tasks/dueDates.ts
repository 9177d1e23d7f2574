/** Due dates: whole seconds of UTC in the API, the person's own time zone in forms and words. */

/** What a `datetime-local` input may hold: the years that the API knows. */
export const EARLIEST = "1900-01-01T00:00";
export const LATEST = "2999-12-30T23:59";

const SHOWN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** For a `datetime-local` input; seconds are not shown there. */
export function toInput(moment: string): string {
  const date = new Date(moment);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** From a `datetime-local` input; null when it holds no time that exists. */
export function fromInput(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return null;
  return utc(new Date(text));
}

/** From a `date` input: the beginning of that day here, or of the day after it. */
export function startOfDay(day: string, after = 0): string | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (!found) return null;
  const [year, month, date] = [Number(found[1]), Number(found[2]), Number(found[3])];
  return utc(new Date(year, month - 1, date + after));
}

function utc(date: Date): string | null {
  if (Number.isNaN(date.getTime())) return null;
  const text = date.toISOString();
  return /^(19|2\d)\d\d-/.test(text) ? `${text.slice(0, 19)}Z` : null;
}

export function moment(iso: string): string {
  return SHOWN.format(new Date(iso));
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How soon, or since when. */
export function dueIn(iso: string, now: number): string {
  const left = new Date(iso).getTime() - now;
  const words = span(Math.abs(left));
  return left < 0 ? `${words} overdue` : `due in ${words}`;
}

export function isOverdue(iso: string, now: number): boolean {
  return new Date(iso).getTime() < now;
}

function span(milliseconds: number): string {
  if (milliseconds >= 2 * DAY) return `${String(Math.floor(milliseconds / DAY))} days`;
  if (milliseconds >= 2 * HOUR) return `${String(Math.floor(milliseconds / HOUR))} hours`;
  const minutes = Math.floor(milliseconds / MINUTE);
  return minutes === 1 ? "1 minute" : `${String(minutes)} minutes`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

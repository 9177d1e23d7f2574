import { useNow } from "./useNow";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const WEEK_SECONDS = 7 * 86_400;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function words(then: Date, now: number): string {
  const seconds = (then.getTime() - now) / 1000;
  if (Math.abs(seconds) > WEEK_SECONDS)
    return then.toLocaleDateString("en", { dateStyle: "medium" });
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  return "just now";
}

/** A moment as people say it; the exact one is its title. */
export function When({ moment }: { moment: string | number }) {
  const now = useNow();
  const then = new Date(moment);
  return (
    <time dateTime={then.toISOString()} title={then.toLocaleString()}>
      {words(then, now)}
    </time>
  );
}

import type { components } from "../api/schema";

export type Analytics = components["schemas"]["Analytics"];
export type Day = components["schemas"]["DayAnalytics"];
export type SentimentCounts = components["schemas"]["SentimentCounts"];
export type Sentiment = keyof SentimentCounts;

/** From the ground of a stack upwards, and in this order in legends and tables. */
export const SENTIMENTS = [
  "positive",
  "neutral",
  "mixed",
  "negative",
] as const satisfies Sentiment[];

/** Null on days without a rating: the API says 0 then, which no rating can be. */
export function ratingOf(day: Day): number | null {
  return day.averageRating > 0 ? day.averageRating : null;
}

export function lastDays(daily: readonly Day[], count: number): Day[] {
  return daily.slice(-count);
}

export function total(days: readonly Day[]): number {
  return days.reduce((sum, day) => sum + day.count, 0);
}

export function sentimentTotals(days: readonly Day[]): SentimentCounts {
  const sums: SentimentCounts = { positive: 0, neutral: 0, negative: 0, mixed: 0 };
  for (const day of days) {
    for (const sentiment of SENTIMENTS) sums[sentiment] += day.sentiment[sentiment];
  }
  return sums;
}

/** In per cent; zeros while there is nothing. */
export function shares(counts: SentimentCounts): SentimentCounts {
  const all = SENTIMENTS.reduce((sum, sentiment) => sum + counts[sentiment], 0);
  const share = (count: number) => (all === 0 ? 0 : (100 * count) / all);
  return {
    positive: share(counts.positive),
    neutral: share(counts.neutral),
    negative: share(counts.negative),
    mixed: share(counts.mixed),
  };
}

/** More or less than in the days before, in per cent; null where there is nothing to compare with. */
export function changeSince(daily: readonly Day[], count: number): number | null {
  const before = daily.slice(-2 * count, -count);
  const earlier = total(before);
  if (before.length < count || earlier === 0) return null;
  return Math.round((100 * (total(lastDays(daily, count)) - earlier)) / earlier);
}

/** The first of the days with the most (or, `by` negated, the least) of something. */
export function peak(days: readonly Day[], by: (day: Day) => number | null): Day | null {
  let found: Day | null = null;
  let most = -Infinity;
  for (const day of days) {
    const value = by(day);
    if (value !== null && value > most) {
      most = value;
      found = day;
    }
  }
  return found;
}

import { useState } from "react";
import { EmptyState } from "../ui";
import type { Cursor } from "./ChartFigure";
import type { Period } from "./period";
import { RatingChart } from "./RatingChart";
import { SentimentChart } from "./SentimentChart";
import { lastDays, total, type Day } from "./series";
import { VolumeChart } from "./VolumeChart";

export function Charts({ daily, period }: { daily: readonly Day[]; period: Period }) {
  // By its date: the day that is pointed at stays the same when a new one begins.
  const [date, setDate] = useState<string | null>(null);
  const days = lastDays(daily, period);
  if (total(days) === 0) return <EmptyState title={`No feedback in the last ${period} days`} />;
  const found = days.findIndex((day) => day.date === date);
  const cursor: Cursor = {
    at: found < 0 ? null : found,
    move: (at) => setDate(at === null ? null : (days[at]?.date ?? null)),
  };
  return (
    <div className="charts">
      <RatingChart days={days} cursor={cursor} />
      <VolumeChart daily={daily} period={period} cursor={cursor} />
      <SentimentChart days={days} cursor={cursor} />
    </div>
  );
}

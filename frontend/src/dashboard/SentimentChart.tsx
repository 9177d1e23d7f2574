import { useId } from "react";
import { ChartFigure, type Cursor } from "./ChartFigure";
import { DayTable } from "./DayTable";
import { stack, type Plot } from "./geometry";
import { patternFill, SentimentPatterns, Swatch } from "./SentimentPatterns";
import {
  SENTIMENTS,
  sentimentTotals,
  shares,
  total,
  type Day,
  type SentimentCounts,
} from "./series";
import { capitalised, percent, whole } from "./wording";

interface Props {
  days: readonly Day[];
  cursor: Cursor;
}

export function SentimentChart({ days, cursor }: Props) {
  const prefix = useId();
  return (
    <ChartFigure
      title="Sentiment"
      summary={summary(days)}
      days={days}
      axis={{ range: [0, 100], ticks: [0, 25, 50, 75, 100], label: (tick) => `${tick}%` }}
      cursor={cursor}
      reading={(day) => (day.count === 0 ? "no feedback" : listed(shares(day.sentiment)))}
      draw={(plot) => (
        <>
          <SentimentPatterns prefix={prefix} />
          {days.map((day, index) => (
            <Column
              key={day.date}
              prefix={prefix}
              counts={day.sentiment}
              index={index}
              count={days.length}
              plot={plot}
            />
          ))}
        </>
      )}
      legend={
        <ul className="chart-legend">
          {SENTIMENTS.map((sentiment) => (
            <li key={sentiment}>
              <Swatch prefix={prefix} sentiment={sentiment} /> {capitalised(sentiment)}
            </li>
          ))}
        </ul>
      }
      table={
        <DayTable
          caption={`Sentiment per day, last ${days.length} days`}
          days={days}
          columns={SENTIMENTS.map((sentiment) => ({
            title: capitalised(sentiment),
            value: (day: Day) =>
              `${whole(day.sentiment[sentiment])} (${percent(shares(day.sentiment)[sentiment])})`,
          }))}
        />
      }
    />
  );
}

interface ColumnProps {
  prefix: string;
  counts: SentimentCounts;
  index: number;
  count: number;
  plot: Plot;
}

function Column({ prefix, counts, index, count, plot }: ColumnProps) {
  const share = shares(counts);
  const parts = stack(
    SENTIMENTS.map((sentiment) => share[sentiment]),
    index,
    count,
    100,
    plot,
  );
  return SENTIMENTS.map((sentiment, part) => {
    const bar = parts[part];
    if (!bar || bar.height === 0) return null;
    return <rect key={sentiment} {...bar} fill={patternFill(prefix, sentiment)} />;
  });
}

function summary(days: readonly Day[]): string {
  if (total(days) === 0) return `No feedback in ${days.length} days.`;
  return `All ${days.length} days together: ${listed(shares(sentimentTotals(days)))}.`;
}

function listed(share: SentimentCounts): string {
  return SENTIMENTS.map((sentiment) => `${percent(share[sentiment])} ${sentiment}`).join(", ");
}

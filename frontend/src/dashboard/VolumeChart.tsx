import { ChartFigure, type Cursor } from "./ChartFigure";
import { DayTable } from "./DayTable";
import { bars, countTicks } from "./geometry";
import { changeSince, lastDays, peak, total, type Day } from "./series";
import { pieces, shortDay, whole } from "./wording";

interface Props {
  daily: readonly Day[];
  period: number;
  cursor: Cursor;
}

export function VolumeChart({ daily, period, cursor }: Props) {
  const days = lastDays(daily, period);
  const ticks = countTicks(Math.max(0, ...days.map(({ count }) => count)));
  const most = ticks.at(-1) ?? 1;
  return (
    <ChartFigure
      title="Volume"
      summary={summary(daily, period)}
      days={days}
      axis={{ range: [0, most], ticks, label: whole }}
      cursor={cursor}
      reading={({ count }) => pieces(count)}
      draw={(plot) =>
        bars(
          days.map(({ count }) => count),
          most,
          plot,
        ).map((bar, index) => (
          <rect
            key={days[index]?.date}
            className={index === cursor.at ? "chart-bar chosen" : "chart-bar"}
            {...bar}
          />
        ))
      }
      table={
        <DayTable
          caption={`Feedback per day, last ${period} days`}
          days={days}
          columns={[{ title: "Feedback", value: ({ count }) => whole(count) }]}
        />
      }
    />
  );
}

function summary(daily: readonly Day[], period: number): string {
  const days = lastDays(daily, period);
  const busiest = peak(days, ({ count }) => (count > 0 ? count : null));
  const most = busiest
    ? ` Busiest day: ${shortDay(busiest.date)} with ${whole(busiest.count)}.`
    : "";
  return `${pieces(total(days))} in ${period} days${comparison(daily, period)}.${most}`;
}

function comparison(daily: readonly Day[], period: number): string {
  const change = changeSince(daily, period);
  if (change === null) return "";
  if (change === 0) return `, as many as in the ${period} days before`;
  return `, ${whole(Math.abs(change))}% ${change > 0 ? "more" : "less"} than in the ${period} days before`;
}

import { ChartFigure, type Cursor } from "./ChartFigure";
import { DayTable } from "./DayTable";
import { linePath, stretches, type Plot } from "./geometry";
import { peak, ratingOf, type Day } from "./series";
import { rating, shortDay } from "./wording";

const RANGE = [1, 5] as const;
const TICKS = [1, 2, 3, 4, 5];
/** With more days than this, a dot for each would hide the line. */
const MOST_DOTS = 30;

interface Props {
  days: readonly Day[];
  cursor: Cursor;
}

export function RatingChart({ days, cursor }: Props) {
  return (
    <ChartFigure
      title="Average rating"
      summary={summary(days)}
      days={days}
      axis={{ range: RANGE, ticks: TICKS, label: String }}
      cursor={cursor}
      reading={(day) => {
        const average = ratingOf(day);
        return average === null ? "no rating" : `${rating(average)} of 5`;
      }}
      draw={(plot) => <Line days={days} at={cursor.at} plot={plot} />}
      table={
        <DayTable
          caption={`Average rating per day, last ${days.length} days`}
          days={days}
          columns={[{ title: "Average rating", value: (day) => rating(ratingOf(day)) }]}
        />
      }
    />
  );
}

function Line({ days, at, plot }: { days: readonly Day[]; at: number | null; plot: Plot }) {
  const values = days.map(ratingOf);
  const lines = stretches(values, RANGE, plot);
  // A day between two without ratings has no line: its dot is all there is to see.
  const dots = lines.flatMap((line) => (days.length <= MOST_DOTS || line.length === 1 ? line : []));
  const [chosen] = stretches(
    values.map((value, index) => (index === at ? value : null)),
    RANGE,
    plot,
  ).flat();
  return (
    <>
      {lines.map((line) => (
        <path key={line[0]?.x} className="chart-line" d={linePath(line)} />
      ))}
      {dots.map((dot) => (
        <circle key={dot.x} className="chart-dot" cx={dot.x} cy={dot.y} r={3} />
      ))}
      {chosen && <circle className="chart-dot chosen" cx={chosen.x} cy={chosen.y} r={6} />}
    </>
  );
}

function summary(days: readonly Day[]): string {
  const best = peak(days, ratingOf);
  const worst = peak(days, (day) => negated(ratingOf(day)));
  if (!best || !worst) return `No ratings in ${days.length} days.`;
  const high = `Highest ${rating(ratingOf(best))} on ${shortDay(best.date)}`;
  return `${high}, lowest ${rating(ratingOf(worst))} on ${shortDay(worst.date)}.`;
}

function negated(value: number | null): number | null {
  return value === null ? null : -value;
}

import { useId, useRef, useState, type PointerEvent, type ReactNode } from "react";
import { columnAt, columnCentre, heightOf, labelled, type Plot } from "./geometry";
import type { Day } from "./series";
import { useWidth } from "./useWidth";
import { longDay, shortDay } from "./wording";

/** Of the drawing around the plot, in pixels. dashboard.css reserves the same height. */
const HEIGHT = 220;
const MARGIN = { top: 10, right: 6, bottom: 26, left: 40 };
const LABEL_WIDTH = 64;
const UNMEASURED = 320;

export interface Axis {
  range: readonly [number, number];
  ticks: readonly number[];
  label: (tick: number) => string;
}

export interface Cursor {
  /** The day that is pointed at, in all charts. */
  at: number | null;
  move: (at: number | null) => void;
}

interface Props {
  title: string;
  /** What the chart shows, in a sentence: for those who do not see it, and while no day is chosen. */
  summary: string;
  days: readonly Day[];
  axis: Axis;
  cursor: Cursor;
  /** What the chart says about one day. */
  reading: (day: Day) => string;
  draw: (plot: Plot) => ReactNode;
  legend?: ReactNode;
  table: ReactNode;
}

/** A chart of one value per day: drawing, a day at a time by pointer or keys, and the table. */
export function ChartFigure(props: Props) {
  const { title, summary, days, cursor, reading, legend, table } = props;
  const heading = useId();
  const day = cursor.at === null ? undefined : days[cursor.at];
  return (
    <section className="chart" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <p className="chart-reading">
        {day ? (
          <>
            <strong>{longDay(day.date)}</strong> {reading(day)}
          </>
        ) : (
          summary
        )}
      </p>
      <Drawing {...props} />
      {legend}
      <TableView table={table} />
    </section>
  );
}

/** Made when it is opened: its cells are most of what a chart consists of. */
function TableView({ table }: { table: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="chart-table"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>Show as a table</summary>
      {open && table}
    </details>
  );
}

function Drawing({ title, summary, days, axis, cursor, reading, draw }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, UNMEASURED);
  const plot = {
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const last = days.length - 1;
  const at = Math.min(cursor.at ?? last, last);
  const day = days[at];

  function follow(event: PointerEvent<SVGSVGElement>): void {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left;
    cursor.move(columnAt(x, days.length, plot));
  }

  return (
    <div className="chart-frame" ref={frame}>
      <svg
        role="img"
        aria-label={summary}
        width={width}
        height={HEIGHT}
        onPointerDown={follow}
        onPointerMove={follow}
        onPointerLeave={() => cursor.move(null)}
      >
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          <ValueAxis axis={axis} plot={plot} />
          <DayAxis days={days} plot={plot} />
          {cursor.at !== null && <CursorLine at={at} count={days.length} plot={plot} />}
          {draw(plot)}
        </g>
      </svg>
      {/* The same by keys: a slider is what they are used to, and it says each day aloud. */}
      <input
        type="range"
        className="chart-slider"
        aria-label={`${title}: day`}
        aria-valuetext={day && `${longDay(day.date)}: ${reading(day)}`}
        min={0}
        max={last}
        value={at}
        onChange={(event) => cursor.move(event.target.valueAsNumber)}
        onFocus={() => cursor.move(at)}
        onBlur={() => cursor.move(null)}
      />
    </div>
  );
}

function ValueAxis({ axis, plot }: { axis: Axis; plot: Plot }) {
  return axis.ticks.map((tick) => {
    const y = heightOf(tick, axis.range, plot);
    return (
      <g key={tick}>
        <line className="chart-grid" x1={0} x2={plot.width} y1={y} y2={y} />
        <text className="chart-label" x={-8} y={y} dy="0.32em" textAnchor="end">
          {axis.label(tick)}
        </text>
      </g>
    );
  });
}

function DayAxis({ days, plot }: { days: readonly Day[]; plot: Plot }) {
  const shown = labelled(days.length, Math.max(2, Math.floor(plot.width / LABEL_WIDTH)));
  return shown.map((index) => {
    const day = days[index];
    if (!day) return null;
    const x = columnCentre(index, days.length, plot);
    // At the ends, a label that is centred below its day would be cut off.
    const room = LABEL_WIDTH / 3;
    const anchor = x < room ? "start" : x > plot.width - room ? "end" : "middle";
    const place = anchor === "start" ? 0 : anchor === "end" ? plot.width : x;
    return (
      <text
        key={day.date}
        className="chart-label"
        x={place}
        y={plot.height + 18}
        textAnchor={anchor}
      >
        {shortDay(day.date)}
      </text>
    );
  });
}

function CursorLine({ at, count, plot }: { at: number; count: number; plot: Plot }) {
  const x = columnCentre(at, count, plot);
  return <line className="chart-cursor" x1={x} x2={x} y1={0} y2={plot.height} />;
}

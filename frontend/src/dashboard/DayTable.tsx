import { useId } from "react";
import type { Day } from "./series";
import { longDay } from "./wording";

export interface Column {
  title: string;
  value: (day: Day) => string;
}

/** The figures of a chart, newest day first. */
export function DayTable({
  caption,
  days,
  columns,
}: {
  caption: string;
  days: readonly Day[];
  columns: readonly Column[];
}) {
  const id = useId();
  return (
    // It scrolls, so the keyboard must be able to reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="chart-table-scroll" role="region" aria-labelledby={id} tabIndex={0}>
      <table>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {columns.map(({ title }) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map((day) => (
            <tr key={day.date}>
              <th scope="row">{longDay(day.date)}</th>
              {columns.map(({ title, value }) => (
                <td key={title} className="number">
                  {value(day)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { dueIn, isOverdue, moment } from "./dueDates";

/** When a task is due; how soon, and whether that is over, only while it is not completed. */
export function Due({ date, now, completed }: { date: string; now: number; completed: boolean }) {
  const late = !completed && isOverdue(date, now);
  return (
    <span className={late ? "due due-late" : "due"}>
      {late && <span aria-hidden="true">⚠ </span>}
      <time dateTime={date}>{moment(date)}</time>
      {!completed && ` · ${dueIn(date, now)}`}
    </span>
  );
}

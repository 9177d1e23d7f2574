import { lengthOf } from "../api/validate";

/** How much of a limit is used; said aloud only when little is left. */
export function Counter({ value, limit }: { value: string; limit: number }) {
  const length = lengthOf(value);
  const left = limit - length;
  return (
    <small className={left < 0 ? "counter counter-over" : "counter"}>
      <span aria-hidden="true">
        {length.toLocaleString("en")} / {limit.toLocaleString("en")}
      </span>
      <span className="visually-hidden" aria-live="polite">
        {left < 0 && `${-left} characters too many`}
        {left >= 0 && left <= 100 && `${left} characters left`}
      </span>
    </small>
  );
}

import { useId } from "react";
import { useChoice } from "../ui";
import type { Filters } from "./feedbackList";
import { isSentiment, SENTIMENTS } from "./sentiments";

interface FeedbackFiltersProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FeedbackFilters(props: FeedbackFiltersProps) {
  const [filters, onChange] = useChoice(props.filters, props.onChange);
  const id = useId();
  const { sentiment, rating } = filters;
  return (
    <div className="filters">
      <label htmlFor={`${id}-sentiment`} className="visually-hidden">
        Mood
      </label>
      <select
        id={`${id}-sentiment`}
        value={sentiment ?? ""}
        onChange={({ target: { value } }) =>
          onChange({
            ...(isSentiment(value) && { sentiment: value }),
            ...(rating !== undefined && { rating }),
          })
        }
      >
        <option value="">Every mood</option>
        {Object.entries(SENTIMENTS).map(([value, { label }]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-rating`} className="visually-hidden">
        Rating
      </label>
      <select
        id={`${id}-rating`}
        value={rating ?? ""}
        onChange={({ target: { value } }) =>
          onChange({
            ...(sentiment !== undefined && { sentiment }),
            ...(value !== "" && { rating: Number(value) }),
          })
        }
      >
        <option value="">Every rating</option>
        {[5, 4, 3, 2, 1].map((stars) => (
          <option key={stars} value={stars}>
            {stars} {stars === 1 ? "star" : "stars"}
          </option>
        ))}
      </select>
    </div>
  );
}

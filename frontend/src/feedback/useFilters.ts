import { useMemo } from "react";
import { useSearchParams } from "react-router";
import limits from "../api/limits/FeedbackSubmission.json";
import type { Filters } from "./feedbackList";
import { isSentiment } from "./sentiments";

const { minimum, maximum } = limits.fields.rating;

function parsed(parameters: URLSearchParams): Filters {
  const sentiment = parameters.get("sentiment");
  const rating = Number(parameters.get("rating"));
  return {
    ...(isSentiment(sentiment) && { sentiment }),
    ...(Number.isInteger(rating) && rating >= minimum && rating <= maximum && { rating }),
  };
}

/** The filters stand in the address: a filtered list can be linked to, and Back undoes a filter. */
export function useFilters(): [Filters, (filters: Filters) => void] {
  const [parameters, setParameters] = useSearchParams();
  const filters = useMemo(() => parsed(parameters), [parameters]);
  const set = ({ sentiment, rating }: Filters) =>
    setParameters({
      ...(sentiment !== undefined && { sentiment }),
      ...(rating !== undefined && { rating: String(rating) }),
    });
  return [filters, set];
}

import type { components } from "../api/schema";

type Sentiment = components["schemas"]["Sentiment"];

/** `mouth`: of a face of 24 by 24. Drawn, because not every system has every emoji. */
export const SENTIMENTS: Record<Sentiment, { label: string; mouth: string }> = {
  positive: { label: "Positive", mouth: "M8 14c2 3 6 3 8 0" },
  neutral: { label: "Neutral", mouth: "M8.5 15.5h7" },
  negative: { label: "Negative", mouth: "M8 16.5c2-3 6-3 8 0" },
  mixed: { label: "Mixed", mouth: "M8 15.5c1.3-2 2.7-2 4 0s2.7 2 4 0" },
};

export function isSentiment(value: string | null): value is Sentiment {
  return value !== null && value in SENTIMENTS;
}

import type { components } from "../api/schema";
import { SENTIMENTS } from "./sentiments";

export function SentimentBadge({ sentiment }: { sentiment: components["schemas"]["Sentiment"] }) {
  const { label, mouth } = SENTIMENTS[sentiment];
  return (
    <span className={`badge badge-${sentiment}`}>
      <svg className="face" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
        <circle cx="12" cy="12" r="9.5" />
        <path d={`M9 9v1m6-1v1${mouth}`} />
      </svg>
      {label}
    </span>
  );
}

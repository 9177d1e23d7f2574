import { useId } from "react";
import { patternFill, SentimentPatterns, Swatch } from "./SentimentPatterns";
import { SENTIMENTS, type Analytics } from "./series";
import { capitalised, percent, rating, whole } from "./wording";

/** Of all feedback ever accepted. */
export function Totals({ analytics }: { analytics: Analytics }) {
  const { totalFeedback, averageRating } = analytics;
  return (
    <div className="totals">
      <Figure title="Feedback" value={whole(totalFeedback)} note="pieces in all" />
      <Figure
        title="Average rating"
        value={averageRating > 0 ? rating(averageRating) : "–"}
        note={averageRating > 0 ? "of 5" : "no ratings yet"}
      />
      <Shares analytics={analytics} />
    </div>
  );
}

function Figure({ title, value, note }: { title: string; value: string; note: string }) {
  return (
    <section className="total">
      <h2>{title}</h2>
      <p>
        <strong>{value}</strong> <small>{note}</small>
      </p>
    </section>
  );
}

const BAR = { width: 400, height: 16 };

function Shares({ analytics }: { analytics: Analytics }) {
  const prefix = useId();
  const { sentiment, sentimentPercentage } = analytics;
  const widths = SENTIMENTS.map((name) => (sentimentPercentage[name] / 100) * BAR.width);
  return (
    <section className="total total-shares">
      <h2>Sentiment</h2>
      {/* The list below says the same in words. */}
      <svg
        className="shares-bar"
        viewBox={`0 0 ${BAR.width} ${BAR.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        <SentimentPatterns prefix={prefix} />
        {SENTIMENTS.map((name, index) => (
          <rect
            key={name}
            x={widths.slice(0, index).reduce((sum, width) => sum + width, 0)}
            width={widths[index]}
            height={BAR.height}
            fill={patternFill(prefix, name)}
          />
        ))}
      </svg>
      <ul className="shares">
        {SENTIMENTS.map((name) => (
          <li key={name}>
            <Swatch prefix={prefix} sentiment={name} />
            <span>{capitalised(name)}</span>
            <strong>{percent(sentimentPercentage[name])}</strong>
            <small>{whole(sentiment[name])}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

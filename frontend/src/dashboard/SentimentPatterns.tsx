import { SENTIMENTS, type Sentiment } from "./series";

/** Told apart without colours too: plain, dotted, hatched, barred. */
export function SentimentPatterns({ prefix }: { prefix: string }) {
  return (
    <defs>
      {SENTIMENTS.map((sentiment) => (
        <pattern
          key={sentiment}
          id={patternId(prefix, sentiment)}
          className={`sentiment-${sentiment}`}
          width={8}
          height={8}
          patternUnits="userSpaceOnUse"
        >
          <rect width={8} height={8} className="pattern-ground" />
          <Marks sentiment={sentiment} />
        </pattern>
      ))}
    </defs>
  );
}

function Marks({ sentiment }: { sentiment: Sentiment }) {
  switch (sentiment) {
    case "positive":
      return null;
    case "neutral":
      return (
        <>
          <circle cx={2} cy={2} r={1.2} className="pattern-spot" />
          <circle cx={6} cy={6} r={1.2} className="pattern-spot" />
        </>
      );
    case "mixed":
      return <path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" className="pattern-stroke" />;
    case "negative":
      return <path d="M0 2H8M0 6H8" className="pattern-stroke" />;
  }
}

export function patternId(prefix: string, sentiment: Sentiment): string {
  return `${prefix}-${sentiment}`;
}

export function patternFill(prefix: string, sentiment: Sentiment): string {
  return `url(#${patternId(prefix, sentiment)})`;
}

/** A sample of the pattern, beside its name. */
export function Swatch({ prefix, sentiment }: { prefix: string; sentiment: Sentiment }) {
  return (
    <svg className="swatch" width={16} height={16} aria-hidden="true" focusable="false">
      <rect width={16} height={16} rx={3} fill={patternFill(prefix, sentiment)} />
    </svg>
  );
}

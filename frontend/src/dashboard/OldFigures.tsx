import { errorWords } from "../ui";
import { useNow } from "../ui";
import { ago } from "./wording";

interface Props {
  error: unknown;
  toldAt: number;
  busy: boolean;
  onRetry: () => void;
}

/** The figures could not be refreshed: what is shown is what was last known. */
export function OldFigures({ error, toldAt, busy, onRetry }: Props) {
  const now = useNow(1000);
  const { title, advice, reference } = errorWords(error);
  return (
    <div className="notice notice-error old-figures">
      <div role="alert">
        <p className="notice-title">These figures are old: they could not be refreshed</p>
        <p>
          {title}. {advice}
        </p>
      </div>
      <p>They are from {ago(now - toldAt)}. The page goes on trying.</p>
      {reference !== undefined && (
        <p className="notice-reference">
          Reference <code>{reference}</code>
        </p>
      )}
      <button type="button" className="button-quiet" aria-busy={busy} onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

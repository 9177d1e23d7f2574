import { errorWords } from "./errorWords";

interface ErrorNoticeProps {
  error: unknown;
  /** Offers to try again. */
  onRetry?: (() => void) | undefined;
  /** Instead of the words for the error, where the page knows better. */
  title?: string;
  advice?: string;
}

/** An error in words for everybody, with the reference to quote. Announced when it appears. */
export function ErrorNotice({ error, onRetry, title, advice }: ErrorNoticeProps) {
  const words = errorWords(error);
  return (
    <div className="notice notice-error" role="alert">
      <p className="notice-title">{title ?? words.title}</p>
      <p>{advice ?? words.advice}</p>
      {words.reference !== undefined && (
        <p className="notice-reference">
          Reference <code>{words.reference}</code>
        </p>
      )}
      {onRetry && (
        <button type="button" className="button-quiet" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

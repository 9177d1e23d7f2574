import { errorWords } from "../ui/errorWords";

interface WaitingWordsProps {
  /** Undefined when it was not tried, for want of network. */
  error: unknown;
  /** Whether what waits outlives the page. */
  lasting: boolean;
  what: string;
}

/** Why something was not sent at once, and what happens to it. */
export function WaitingWords({ error, lasting, what }: WaitingWordsProps) {
  const { title, reference } =
    error === undefined ? { title: "You are offline", reference: undefined } : errorWords(error);
  return (
    <>
      <p>
        {title}. Your {what} is kept {lasting ? "on this device" : "as long as this page is open"}{" "}
        and sent once, by itself, as soon as that is possible.
      </p>
      {reference !== undefined && (
        <p className="notice-reference">
          Reference <code>{reference}</code>
        </p>
      )}
    </>
  );
}

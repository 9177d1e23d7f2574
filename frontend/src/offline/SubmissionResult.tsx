import { useEffect, useRef, type ReactNode } from "react";
import { flushSync } from "react-dom";
import type { Settled } from "../forms/useSubmission";
import type { Kind, Kinds } from "./entries";
import type { Outbox } from "./outbox";
import { useLater } from "./useLater";
import { WaitingWords } from "./WaitingWords";

export interface SubmissionResultProps<K extends Kind> {
  outcome: Settled<K>;
  outbox: Outbox;
  heading: "h2" | "h3";
  thanks: string;
  what: string;
  /** What there is to say once the API has answered. */
  children: (answer: Kinds[K]["answer"]) => ReactNode;
  onAgain: () => void;
}

/** In place of the form: what became of it. Gets the focus, so that it is read out. */
export function SubmissionResult<K extends Kind>({
  outcome,
  outbox,
  heading: Heading,
  thanks,
  what,
  children,
  onAgain,
}: SubmissionResultProps<K>) {
  const heading = useRef<HTMLHeadingElement>(null);
  const now = useLater(outbox, outcome);
  useEffect(() => heading.current?.focus(), []);
  const gone = now.state === "gone";
  useEffect(() => {
    if (gone) onAgain();
  }, [gone, onAgain]);
  /** The form that comes in place of this gets the focus, which would fall to the top of the page. */
  function again(): void {
    const place = heading.current?.parentElement?.parentElement;
    flushSync(onAgain);
    place?.querySelector<HTMLElement>("form input, form textarea")?.focus();
  }
  return (
    <div className={`result result-${now.state}`}>
      <Heading ref={heading} tabIndex={-1}>
        {now.state === "waiting" && "Waiting to be sent"}
        {now.state === "refused" && "It was not accepted"}
        {(now.state === "sent" || now.state === "late") && thanks}
      </Heading>
      {now.state === "sent" && children(now.answer)}
      {now.state === "refused" && <p>You can edit it among what was written on this device.</p>}
      {now.state === "late" && (
        <p>An earlier version had already arrived, so the change was not sent.</p>
      )}
      {now.state === "waiting" && (
        <WaitingWords error={now.error} lasting={outbox.lasting(now.entry.key)} what={what} />
      )}
      <button type="button" className="button-quiet" onClick={again}>
        Write another
      </button>
    </div>
  );
}

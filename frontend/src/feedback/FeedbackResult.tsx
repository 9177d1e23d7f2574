import type { Settled } from "../forms/useSubmission";
import type { Outbox } from "../offline/outbox";
import { SubmissionResult } from "../offline/SubmissionResult";
import { SentimentBadge } from "./SentimentBadge";

interface FeedbackResultProps {
  outcome: Settled<"feedback">;
  outbox: Outbox;
  name: string;
  onAgain: () => void;
}

export default function FeedbackResult({ outcome, outbox, name, onAgain }: FeedbackResultProps) {
  return (
    <SubmissionResult
      outcome={outcome}
      outbox={outbox}
      heading="h3"
      thanks={`Thank you, ${name}!`}
      what="feedback"
      onAgain={onAgain}
    >
      {({ sentiment }) => (
        <p>
          Your feedback is stored, and its mood was read as <SentimentBadge sentiment={sentiment} />
        </p>
      )}
    </SubmissionResult>
  );
}

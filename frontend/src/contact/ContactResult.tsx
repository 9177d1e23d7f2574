import type { ReactNode } from "react";
import type { Settled } from "../forms/useSubmission";
import type { Outbox } from "../offline/outbox";
import { SubmissionResult } from "../offline/SubmissionResult";
import type { DeliveryState } from "./deliveryState";
import { useDelivery, type Delivery } from "./useDelivery";

interface ContactResultProps {
  outcome: Settled<"contact">;
  outbox: Outbox;
  onAgain: () => void;
}

export function ContactResult({ outcome, outbox, onAgain }: ContactResultProps) {
  return (
    <SubmissionResult
      outcome={outcome}
      outbox={outbox}
      heading="h2"
      thanks="Thank you, we have your message"
      what="message"
      onAgain={onAgain}
    >
      {(accepted) => <Followed accepted={accepted} />}
    </SubmissionResult>
  );
}

const WORDS: Record<Delivery, ReactNode> = {
  following: "It is on its way to the team…",
  sent: "It has reached the team’s inbox.",
  failed:
    "It could not be delivered to the team’s inbox. Please write again later, and quote the reference.",
  gaveUp:
    "It is still on its way. That takes longer than usual, but it is stored and will be delivered: you need not wait here.",
  unknown: "It was accepted, but its delivery cannot be followed here.",
};

export function Followed({ accepted }: { accepted: DeliveryState }) {
  const delivery = useDelivery(accepted);
  return (
    <>
      <ol className="steps">
        <li className="step step-done">Accepted</li>
        <li className={`step step-${delivery}`}>
          <span role="status">{WORDS[delivery]}</span>
        </li>
      </ol>
      <p>
        You will get a short acknowledgement by e-mail, and the team’s answer at the address that
        you gave.
      </p>
      <p className="notice-reference">
        Reference <code>{accepted.messageId}</code>
      </p>
    </>
  );
}

import type { components } from "../api/schema";
import type { ErrorDetail } from "../api/errors";

type Schemas = components["schemas"];

/** What can be written without network, and what the API answers to it. */
export interface Kinds {
  feedback: {
    body: Schemas["FeedbackSubmission"];
    answer: Pick<Schemas["StoredFeedback"], "feedbackId" | "sentiment" | "rating" | "createdAt">;
  };
  contact: { body: Schemas["ContactRequest"]; answer: Schemas["MessageAccepted"] };
}

export type Kind = keyof Kinds;

export interface Refusal {
  status: number;
  code: string;
  message: string;
  details: readonly ErrorDetail[];
  requestId?: string | undefined;
}

/**
 * - waiting: to be sent, or sent again.
 * - held: being edited, so not sent until the person is done.
 * - sent: the API has it. Kept without the body, to tell the person.
 * - refused: final; the person may edit it.
 * - unsure: it may have arrived, and the API no longer knows its key: the person decides.
 */
export type State = "waiting" | "held" | "sent" | "refused" | "unsure";

export interface Entry<K extends Kind = Kind> {
  /** Also the Idempotency-Key: made when it was written, and the same for every attempt. */
  key: string;
  kind: K;
  /** Undefined once it is sent: nobody's address stays on the device for longer than it must. */
  body?: Kinds[K]["body"];
  writtenAt: number;
  state: State;
  attempts: number;
  /** Of the first attempt since when it is not known whether one arrived. */
  unknownSince?: number;
  /** Not before this moment, unless the network comes back earlier. */
  notBefore?: number;
  /** Whether the API named that moment: then the network does not make it earlier. */
  asked?: boolean;
  /** Since when it is held: where no lock tells whether the tab that holds it is open. */
  heldAt?: number;
  refusal?: Refusal;
  answer?: Kinds[K]["answer"];
}

export type AnyEntry = { [K in Kind]: Entry<K> }[Kind];

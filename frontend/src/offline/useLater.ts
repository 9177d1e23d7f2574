import { useSyncExternalStore } from "react";
import type { Settled } from "../forms/useSubmission";
import type { Entry, Kind } from "./entries";
import type { Outbox } from "./outbox";

/** What has become meanwhile of what a form handed in; "gone" when the person deleted it. */
export function useLater<K extends Kind>(
  outbox: Outbox,
  outcome: Settled<K>,
): Settled<K> | { state: "refused" } | { state: "gone" } {
  const entries = useSyncExternalStore(outbox.subscribe, outbox.snapshot);
  if (outcome.state !== "waiting") return outcome;
  const entry = entries.find(({ key }) => key === outcome.entry.key) as Entry<K> | undefined;
  if (entry === undefined) return { state: "gone" };
  if (entry.state === "sent" && entry.answer) return { state: "sent", answer: entry.answer };
  return entry.state === "refused" ? { state: "refused" } : outcome;
}

import { createContext, use, useSyncExternalStore } from "react";
import type { AnyEntry } from "./entries";
import type { Outbox } from "./outbox";

export const OutboxContext = createContext<Outbox | null>(null);

export function useOutbox(): Outbox {
  const outbox = use(OutboxContext);
  if (outbox === null) throw new Error("useOutbox needs an OutboxContext around it");
  return outbox;
}

export function useEntries(): readonly AnyEntry[] {
  const { subscribe, snapshot } = useOutbox();
  return useSyncExternalStore(subscribe, snapshot);
}

import { useEffect, useRef } from "react";
import { useToasts } from "../ui";
import type { AnyEntry, Kind } from "./entries";
import { useOutbox } from "./OutboxContext";

// It is the only copy of the text.
const UNDO_MS = 20_000;
const WORDS: Record<Kind, string> = {
  feedback: "Your feedback was deleted.",
  contact: "Your message was deleted.",
};

const focusMain = () => document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });

/**
 * Takes entries away, with a way back for what was not sent. The focus goes to the entry that comes
 * next, or back to the one that comes back: it would fall to the top of the page.
 */
export function useRemoval(entries: readonly AnyEntry[]) {
  const outbox = useOutbox();
  const { toast } = useToasts();
  const list = useRef<HTMLUListElement>(null);
  const moving = useRef<{ key: string; index: number; back: boolean }>(null);

  useEffect(() => {
    if (moving.current === null) return;
    const { key, index, back } = moving.current;
    const place = entries.findIndex((entry) => entry.key === key);
    if (back !== place >= 0) return; // not yet
    moving.current = null;
    // The person may have gone on meanwhile.
    if (document.activeElement?.matches("body, main") === false) return;
    const item = list.current?.children[back ? place : Math.min(index, entries.length - 1)];
    const button = item?.querySelector<HTMLElement>(".actions button:last-child");
    if (button) button.focus();
    else focusMain();
  });

  function leave(entry: AnyEntry, go: (key: string) => Promise<void>): void {
    moving.current = { key: entry.key, index: entries.indexOf(entry), back: false };
    void go(entry.key);
  }

  return {
    list,
    sendAgain: (entry: AnyEntry) => leave(entry, (key) => outbox.sendAgain(key)),
    remove: (entry: AnyEntry): void => {
      leave(entry, (key) => outbox.remove(key));
      if (entry.state === "sent") return;
      const run = () => {
        focusMain(); // the toast's button goes
        moving.current = { key: entry.key, index: 0, back: true };
        void outbox.restore(entry);
      };
      toast({ message: WORDS[entry.kind], action: { label: "Undo", run }, durationMs: UNDO_MS });
    },
  };
}

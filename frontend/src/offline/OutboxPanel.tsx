import { useEffect, useRef, useState } from "react";
import { errorOfRefusal } from "../forms/refusal";
import { errorWords } from "../ui/errorWords";
import { Dialog, useToasts } from "../ui";
import { When } from "../ui/When";
import { EditEntry } from "./EditEntry";
import type { AnyEntry, Kind } from "./entries";
import { useEntries, useOutbox } from "./OutboxContext";
import { useRemoval } from "./useRemoval";
import { useOnline } from "./useOnline";

/** What the person wrote that has not arrived, or arrived later than it was written. */
export function OutboxPanel({ kind }: { kind: Kind }) {
  const entries = useEntries().filter((entry) => entry.kind === kind);
  const outbox = useOutbox();
  const [editing, setEditing] = useState<string | null>(null);
  useArrivalsAnnounced(entries);
  const { list, remove, sendAgain } = useRemoval(entries);
  const edited = entries.find(({ key }) => key === editing);
  const stop = () => {
    if (editing !== null) void outbox.release(editing);
    setEditing(null);
  };
  return (
    <>
      {entries.length > 0 && (
        <section className="card outbox" aria-labelledby={`outbox-${kind}`}>
          <h2 id={`outbox-${kind}`}>Written on this device</h2>
          <ul ref={list}>
            {entries.map((entry) => (
              <OutboxItem
                key={entry.key}
                entry={entry}
                onRemove={() => remove(entry)}
                onSendAgain={() => sendAgain(entry)}
                onEdit={() => {
                  void outbox.hold(entry.key);
                  setEditing(entry.key);
                }}
              />
            ))}
          </ul>
        </section>
      )}
      <Dialog open={edited !== undefined} title="Edit what waits" onClose={stop}>
        {edited !== undefined && <EditEntry entry={edited} onDone={() => setEditing(null)} />}
      </Dialog>
    </>
  );
}

interface OutboxItemProps {
  entry: AnyEntry;
  onEdit: () => void;
  onRemove: () => void;
  onSendAgain: () => void;
}

function OutboxItem({ entry, onEdit, onRemove, onSendAgain }: OutboxItemProps) {
  const outbox = useOutbox();
  const { key, state, body, writtenAt } = entry;
  return (
    <li className={`outbox-item outbox-${state}`}>
      <p className="outbox-state">
        <strong>{STATE_WORDS[state]}</strong> · written <When moment={writtenAt} />
      </p>
      {body !== undefined && (
        <p dir="auto" className="outbox-text">
          {body.message}
        </p>
      )}
      <Explanation entry={entry} />
      <div className="actions">
        {state === "unsure" && (
          <button type="button" className="button-quiet" onClick={onSendAgain}>
            Send again
          </button>
        )}
        {state === "held" && (
          <button
            type="button"
            className="button-quiet"
            onClick={({ currentTarget }) => {
              // This button goes, and the focus would fall to the top of the page.
              currentTarget.parentElement?.querySelector<HTMLElement>("button:last-child")?.focus();
              void outbox.release(key);
            }}
          >
            Send as it is
          </button>
        )}
        {state !== "sent" && state !== "unsure" && (
          <button type="button" className="button-quiet" onClick={onEdit}>
            Edit
          </button>
        )}
        <button type="button" className="button-quiet" onClick={onRemove}>
          {state === "sent" ? "Dismiss" : "Delete"}
        </button>
      </div>
    </li>
  );
}

const STATE_WORDS: Record<AnyEntry["state"], string> = {
  waiting: "Waiting to be sent",
  held: "Not sent: being edited",
  sent: "Sent",
  refused: "Not accepted",
  unsure: "It may have arrived",
};

function Explanation({ entry }: { entry: AnyEntry }) {
  const online = useOnline();
  const outbox = useOutbox();
  if (entry.refusal !== undefined) {
    const { requestId, message, details } = entry.refusal;
    return (
      <>
        {details.length > 0 ? (
          <ul className="outbox-details">
            {details.map(({ field, issue }) => (
              <li key={field + issue}>
                {field} {issue}
              </li>
            ))}
          </ul>
        ) : (
          <p>{message || errorWords(errorOfRefusal(entry.refusal)).title}</p>
        )}
        {requestId !== undefined && (
          <p className="notice-reference">
            Reference <code>{requestId}</code>
          </p>
        )}
      </>
    );
  }
  if (entry.state === "sent" && entry.kind === "feedback" && entry.answer)
    return <p>Its mood was read as {entry.answer.sentiment}.</p>;
  if (entry.state === "unsure")
    return (
      <p>
        An attempt was made long ago and its answer was lost. Look whether it is in the list before
        you send it again.
      </p>
    );
  if (entry.state !== "waiting") return null;
  const keeping = outbox.lasting(entry.key) ? "" : " It is kept as long as this page is open.";
  return (
    <p>
      {online
        ? "It is tried again by itself, a little later each time."
        : "It is sent by itself when your network is back."}
      {keeping}
    </p>
  );
}

/** What was written earlier and arrives now is said, wherever the person is on the page. */
function useArrivalsAnnounced(entries: readonly AnyEntry[]): void {
  const { announce } = useToasts();
  const before = useRef(new Map<string, AnyEntry["state"]>());
  useEffect(() => {
    for (const { key, state } of entries) {
      const was = before.current.get(key);
      if (was !== undefined && was !== state && (state === "sent" || state === "refused"))
        announce(
          state === "sent" ? "What was waiting has been sent" : "What was waiting was not accepted",
        );
    }
    before.current = new Map(entries.map(({ key, state }) => [key, state]));
  });
}

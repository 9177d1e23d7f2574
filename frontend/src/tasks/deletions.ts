/**
 * Deletions that can still be undone.
 *
 * A task disappears at once and is deleted when the time for undoing is over, or when the site is
 * left: the answer may then find nobody. So what was sent on leaving is noted until it is answered,
 * and the next visit finishes it.
 */
import type { Task } from "./task";

/** Long enough to read the title and reach the button. */
export const UNDO_MILLISECONDS = 8_000;

export interface PendingDeletion {
  task: Task;
  /** Waiting: it can be undone. Sent: it waits for the answer. */
  state: "waiting" | "sent";
}

export interface Backend {
  /** The version to delete, which is the one that the person saw; rejects when it is another. */
  versionOf: (task: Task) => Promise<string>;
  /** `keepalive`: the request outlives the page. */
  remove: (task: Task, etag: string, options: { keepalive: boolean }) => Promise<void>;
  onDeleted: (task: Task) => void;
}

interface Entry extends PendingDeletion {
  version: Promise<string>;
  etag?: string;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Deletions {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #backend: Backend;
  readonly #journal: Journal;
  #snapshot: readonly PendingDeletion[] = [];
  #onFailed: (task: Task, error: unknown) => void = () => undefined;

  constructor(backend: Backend, journal: Journal) {
    this.#backend = backend;
    this.#journal = journal;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly pending = (): readonly PendingDeletion[] => this.#snapshot;

  /** Who is told that a task was not deleted, and is shown again. */
  whenFailed(tell: (task: Task, error: unknown) => void): void {
    this.#onFailed = tell;
  }

  add(task: Task): void {
    if (this.#entries.has(task.TaskId)) return;
    const entry: Entry = {
      task,
      state: "waiting",
      version: this.#backend.versionOf(task),
      timer: undefined,
    };
    this.#entries.set(task.TaskId, entry);
    this.#wait(entry);
    entry.version.then(
      (etag) => (entry.etag = etag),
      (error: unknown) => {
        this.#fail(entry, error);
      },
    );
    this.#changed();
  }

  undo(taskId: string): void {
    const entry = this.#entries.get(taskId);
    if (entry?.state === "waiting") this.#drop(entry);
  }

  /** While somebody is about to press the button, time stands still. */
  hold(taskId: string): void {
    clearTimeout(this.#entries.get(taskId)?.timer);
  }

  release(taskId: string): void {
    const entry = this.#entries.get(taskId);
    if (entry?.state === "waiting") this.#wait(entry);
  }

  /** The site is left: nobody can undo any more, and it may never come back. */
  leave(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state === "waiting") this.#send(entry, true);
    }
  }

  #wait(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      this.#send(entry, false);
    }, UNDO_MILLISECONDS);
  }

  #send(entry: Entry, keepalive: boolean): void {
    clearTimeout(entry.timer);
    // A new object: what was handed out before stays as it was.
    const sent: Entry = { ...entry, state: "sent" };
    this.#entries.set(entry.task.TaskId, sent);
    if (keepalive)
      this.#journal.add({ id: sent.task.TaskId, title: sent.task.Title, etag: sent.etag });
    this.#changed();
    // With a known version, the request leaves before a closing page is gone.
    const version = sent.etag === undefined ? sent.version : undefined;
    const answer = version
      ? version.then((etag) => this.#backend.remove(sent.task, etag, { keepalive }))
      : this.#backend.remove(sent.task, sent.etag ?? "", { keepalive });
    answer.then(
      () => {
        this.#backend.onDeleted(sent.task);
        this.#drop(sent);
      },
      (error: unknown) => {
        this.#fail(sent, error);
      },
    );
  }

  #fail({ task }: Entry, error: unknown): void {
    const entry = this.#entries.get(task.TaskId);
    if (!entry) return; // undone meanwhile
    this.#drop(entry);
    this.#onFailed(task, error);
  }

  #drop(entry: Entry): void {
    clearTimeout(entry.timer);
    this.#entries.delete(entry.task.TaskId);
    this.#journal.remove(entry.task.TaskId);
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = [...this.#entries.values()].map(({ task, state }) => ({ task, state }));
    for (const listener of this.#listeners) listener();
  }
}

export interface Noted {
  id: string;
  title: string;
  etag?: string | undefined;
}

/** What was sent by a page that may not have lived to read the answer. */
export class Journal {
  // A function: in some browsers, even to name the storage is forbidden.
  readonly #storage: () => Storage;
  readonly #key = "tasks:deletions";

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  add(noted: Noted): void {
    this.#write([...this.read().filter(({ id }) => id !== noted.id), noted]);
  }

  remove(id: string): void {
    const entries = this.read();
    const rest = entries.filter((entry) => entry.id !== id);
    if (rest.length < entries.length) this.#write(rest);
  }

  read(): Noted[] {
    try {
      const found: unknown = JSON.parse(this.#storage().getItem(this.#key) ?? "[]");
      return Array.isArray(found) ? found.filter(isNoted) : [];
    } catch {
      return []; // no storage, or not our text
    }
  }

  #write(entries: readonly Noted[]): void {
    try {
      if (entries.length === 0) this.#storage().removeItem(this.#key);
      else this.#storage().setItem(this.#key, JSON.stringify(entries));
    } catch {
      // Storage is full or forbidden: the request itself was sent all the same.
    }
  }
}

function isNoted(value: unknown): value is Noted {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    "title" in value &&
    typeof value.id === "string" &&
    typeof value.title === "string"
  );
}

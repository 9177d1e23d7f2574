import type { Api } from "../api/client";
import type { AnyEntry, Entry, Kind, Kinds } from "./entries";
import { Holds } from "./holds";
import { attempt, beforeAttempt, concernsAll, dueAt, type Given } from "./sending";
import type { Store } from "./store";

const CHANNEL = "outbox";
const SENT_SHOWN_MS = 24 * 3_600_000;
// A timer for more than 24 days fires at once, and a clock may be put right meanwhile.
const LONGEST_SLEEP_MS = 5 * 60_000;

/** What became of what a form handed in, by the time that it tells the person. */
export type Outcome<K extends Kind> =
  | { state: "sent"; answer: Kinds[K]["answer"] }
  | { state: "refused"; entry: Entry<K> }
  /** `error` is undefined when it was not tried, for want of network. */
  | { state: "waiting"; entry: Entry<K>; error: unknown }
  /** An earlier version of it had already arrived. */
  | { state: "late" };

interface Round {
  networkIsBack?: boolean;
}

/**
 * What is written goes through here, with network or without: it is kept before it is sent, so that
 * a lost answer or a closed tab loses nothing, and its key lets the API store it once, however
 * often it is sent.
 */
export class Outbox {
  private readonly listeners = new Set<() => void>();
  private channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  private stopped = false;
  // A form waits for these, and tells of them itself.
  private readonly awaited = new Set<string>();
  private readonly holds = new Holds();
  private entries: readonly AnyEntry[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private rounds: Promise<void> = Promise.resolve();

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    /** Told of everything that arrives. */
    private readonly onSent: (given: Given) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether an entry outlives the page. */
  lasting(key: string): boolean {
    return this.store.lasting(key);
  }

  /** Sends what waits, now and whenever it may. The function that comes back stops it. */
  start(): () => void {
    const online = () => void this.flush({ networkIsBack: true });
    const seen = () => {
      if (document.visibilityState === "visible") void this.flush();
    };
    const told = () => void this.refresh();
    window.addEventListener("online", online);
    document.addEventListener("visibilitychange", seen);
    this.channel?.addEventListener("message", told);
    void this.refresh().then(() => this.flush());
    return () => {
      window.removeEventListener("online", online);
      document.removeEventListener("visibilitychange", seen);
      // A round that is under way comes to its end, and no other one begins.
      this.stopped = true;
      this.channel?.close();
      this.channel = null;
      clearTimeout(this.timer);
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Oldest first, without what a form is waiting for. */
  readonly snapshot = (): readonly AnyEntry[] => this.entries;

  /** Keeps it, tries to send it, and says what became of it. */
  async submit<K extends Kind>(
    kind: K,
    body: Kinds[K]["body"],
    /** Whether the form is on the page: it has the text too. */
    stillThere: () => boolean = () => true,
  ): Promise<Outcome<K>> {
    const entry = this.written(kind, body);
    return this.awaiting(entry.key, async () => {
      await this.store.put(entry);
      const outcome = await this.settle<K>(entry.key);
      if (outcome.state === "refused" && stillThere()) await this.store.delete(entry.key);
      return outcome;
    });
  }

  /** Not to be sent while the person edits it. */
  async hold(key: string): Promise<void> {
    if (!(await this.holds.begin(key))) return;
    await this.changing(key, (entry) =>
      entry.state === "sent" ? entry : { ...entry, state: "held", heldAt: this.now() },
    );
  }

  /** Sends what was held or refused as it is. */
  async release(key: string): Promise<void> {
    await this.changing(key, released);
    this.holds.end(key);
    await this.flush();
  }

  /** Under its old key: should the first version have arrived after all, the API says so. */
  async edit<K extends Kind>(key: string, body: Kinds[K]["body"]): Promise<Outcome<K>> {
    return this.awaiting(key, async () => {
      // Not during an attempt with the first version, which would not know of this one.
      const edited = await exclusively(key, () =>
        this.store.change(key, (entry) =>
          entry.state === "sent" ? entry : ({ ...released(entry), body } as AnyEntry),
        ),
      );
      this.holds.end(key);
      const outcome: Outcome<K> =
        edited === undefined ? { state: "late" } : await this.settle<K>(key);
      const conflict =
        outcome.state === "refused" && outcome.entry.refusal?.code === "IdempotencyConflict";
      if (edited?.state !== "sent" && !conflict) return outcome;
      await this.store.delete(key);
      return { state: "late" };
    });
  }

  /** As something new: when the person wants it sent although it may have arrived. */
  async sendAgain(key: string): Promise<void> {
    const entry = await this.store.get(key);
    if (entry?.body === undefined) return;
    await this.store.put(this.written(entry.kind, entry.body));
    await this.remove(key);
    await this.flush();
  }

  async remove(key: string): Promise<void> {
    await this.store.delete(key);
    await this.changed();
  }

  /** Takes back that it was removed. Its key is the old one, should it have arrived meanwhile. */
  async restore(entry: AnyEntry): Promise<void> {
    await this.store.put(entry);
    await this.changed();
    await this.flush();
  }

  /** Sends everything that is due, after the rounds that are under way. */
  flush(round: Round = {}): Promise<void> {
    const next = this.rounds.then(() => this.round(round));
    this.rounds = next.catch(() => undefined);
    return next;
  }

  private written<K extends Kind>(kind: K, body: Kinds[K]["body"]): AnyEntry {
    const key = crypto.randomUUID();
    return { key, kind, body, writtenAt: this.now(), state: "waiting", attempts: 0 } as AnyEntry;
  }

  private async awaiting<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    this.awaited.add(key);
    try {
      return await run();
    } finally {
      this.awaited.delete(key);
      await this.changed();
    }
  }

  private async settle<K extends Kind>(key: string): Promise<Outcome<K>> {
    const error = navigator.onLine ? await this.sendOne(key, true) : undefined;
    const entry = (await this.store.get(key)) as Entry<K> | undefined;
    if (entry?.state === "sent" && entry.answer !== undefined) {
      await this.store.delete(key);
      return { state: "sent", answer: entry.answer };
    }
    if (entry === undefined) return { state: "late" };
    return entry.state === "refused"
      ? { state: "refused", entry }
      : { state: "waiting", entry, error };
  }

  private async round({ networkIsBack = false }: Round): Promise<void> {
    await this.forgetShown();
    await this.releaseLeft();
    const waiting = (await this.store.all()).filter(
      // What a form waits for is under way: the others do not wait for it too.
      ({ key, state }) => state === "waiting" && !this.awaited.has(key),
    );
    waiting.sort((a, b) => a.writtenAt - b.writtenAt);
    for (const { key, asked = false } of waiting) {
      if (!navigator.onLine) break;
      if (concernsAll(await this.sendOne(key, networkIsBack && !asked))) break;
    }
    await this.changed();
  }

  /** One attempt, when it is due. What comes back is why another one is needed. */
  private sendOne(key: string, atOnce: boolean): Promise<unknown> {
    return exclusively(key, async () => {
      let due = false as boolean;
      // As it is now: another tab may have sent it meanwhile, or the person deleted it.
      const entry = await this.store.change(key, (current) => {
        const now = this.now();
        due = current.state === "waiting" && (atOnce || dueAt(current, now) <= now);
        return due ? beforeAttempt(current, now) : current;
      });
      if (!due || entry?.state !== "waiting") return undefined;
      const result = await attempt(this.api, entry, this.now);
      await this.store.change(key, (current) =>
        // Held meanwhile: it stays so, unless it arrived.
        current.state === "held" && result.entry.state !== "sent"
          ? { ...result.entry, state: "held" }
          : result.entry,
      );
      if (result.given !== undefined) this.onSent(result.given);
      return result.error;
    });
  }

  private async forgetShown(): Promise<void> {
    for (const { key, state, writtenAt } of await this.store.all())
      if (state === "sent" && this.now() - writtenAt > SENT_SHOWN_MS) await this.store.delete(key);
  }

  /** What a tab was editing that is gone: nobody else would send it. */
  private async releaseLeft(): Promise<void> {
    for (const entry of await this.store.all())
      if (entry.state === "held" && (await this.holds.isLeft(entry, this.now())))
        await this.store.change(entry.key, (now) => (now.state === "held" ? released(now) : now));
  }

  private async changing(key: string, change: (entry: AnyEntry) => AnyEntry): Promise<void> {
    await this.store.change(key, change);
    await this.changed();
  }

  private async changed(): Promise<void> {
    this.channel?.postMessage("changed");
    await this.refresh();
  }

  private async refresh(): Promise<void> {
    const all = await this.store.all();
    this.entries = all
      .filter(({ key }) => !this.awaited.has(key))
      .sort((a, b) => a.writtenAt - b.writtenAt);
    this.schedule();
    for (const listener of this.listeners) listener();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const now = this.now();
    const due = this.entries
      .filter(({ state }) => state === "waiting")
      .map((entry) => dueAt(entry, now));
    if (due.length === 0 || !navigator.onLine || this.stopped) return;
    const wait = Math.max(Math.min(...due) - now, 250);
    this.timer = setTimeout(() => void this.flush(), Math.min(wait, LONGEST_SLEEP_MS));
  }
}

function released({ refusal, notBefore, asked, heldAt, ...entry }: AnyEntry): AnyEntry {
  return entry.state === "sent" ? entry : { ...entry, state: "waiting" };
}

/**
 * One tab at a time sends an entry, and no other entry waits for its answer. Where a browser has no
 * locks, the keys alone keep it from double work.
 */
function exclusively<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
  if (!("locks" in navigator)) return run();
  return navigator.locks.request(`outbox-${key}`, run) as Promise<Result>;
}

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { AnyEntry } from "./entries";

/** Where entries are kept. */
export interface Store {
  /** Whether an entry outlives the page. */
  lasting(key: string): boolean;
  all(): Promise<AnyEntry[]>;
  get(key: string): Promise<AnyEntry | undefined>;
  put(entry: AnyEntry): Promise<void>;
  /** Changes an entry in one transaction; nothing happens when it is gone. */
  change(key: string, change: (entry: AnyEntry) => AnyEntry): Promise<AnyEntry | undefined>;
  delete(key: string): Promise<void>;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: AnyEntry };
}

const NAME = "customer-platform";

class LastingStore {
  constructor(private readonly database: IDBPDatabase<Schema>) {}

  all() {
    return this.database.getAll("outbox");
  }

  get(key: string) {
    return this.database.get("outbox", key);
  }

  async put(entry: AnyEntry) {
    await this.database.put("outbox", entry);
  }

  async change(key: string, change: (entry: AnyEntry) => AnyEntry) {
    const transaction = this.database.transaction("outbox", "readwrite");
    const entry = await transaction.store.get(key);
    const changed = entry && change(entry);
    await Promise.all([changed && transaction.store.put(changed), transaction.done]);
    return changed;
  }

  async delete(key: string) {
    await this.database.delete("outbox", key);
  }
}

/** For browsers that keep nothing, such as some private windows: as long as the page is open. */
class PassingStore implements Store {
  private readonly entries = new Map<string, AnyEntry>();

  lasting() {
    return false;
  }

  has(key: string) {
    return this.entries.has(key);
  }

  all() {
    return Promise.resolve([...this.entries.values()]);
  }

  get(key: string) {
    return Promise.resolve(this.entries.get(key));
  }

  put(entry: AnyEntry) {
    this.entries.set(entry.key, entry);
    return Promise.resolve();
  }

  change(key: string, change: (entry: AnyEntry) => AnyEntry) {
    const entry = this.entries.get(key);
    const changed = entry && change(entry);
    if (changed) this.entries.set(key, changed);
    return Promise.resolve(changed);
  }

  delete(key: string) {
    this.entries.delete(key);
    return Promise.resolve();
  }
}

/**
 * What the database refuses, as a full one does, is kept as long as the page is open: it can be
 * sent all the same. What is kept so hides what the database has under the same key.
 */
class ForgivingStore implements Store {
  private readonly refused = new PassingStore();

  constructor(private readonly database: LastingStore) {}

  lasting(key: string) {
    return !this.refused.has(key);
  }

  async all() {
    const [refused, kept] = [await this.refused.all(), await this.database.all().catch(() => [])];
    return [...refused, ...kept.filter(({ key }) => !this.refused.has(key))];
  }

  async get(key: string) {
    return (await this.refused.get(key)) ?? this.database.get(key).catch(() => undefined);
  }

  async put(entry: AnyEntry) {
    try {
      await this.database.put(entry);
      await this.refused.delete(entry.key);
    } catch {
      await this.refused.put(entry);
      // The next page is not to send again what has arrived.
      if (entry.state === "sent") await this.database.delete(entry.key).catch(() => undefined);
    }
  }

  async change(key: string, change: (entry: AnyEntry) => AnyEntry) {
    if (!this.refused.has(key)) {
      try {
        return await this.database.change(key, change);
      } catch {
        const entry = await this.get(key);
        if (entry !== undefined) await this.refused.put(entry);
      }
    }
    const changed = await this.refused.change(key, change);
    // There may be room by now.
    if (changed) await this.put(changed);
    return changed;
  }

  async delete(key: string) {
    await this.refused.delete(key);
    await this.database.delete(key).catch(() => undefined);
  }
}

export async function openStore(): Promise<Store> {
  try {
    const database = await openDB<Schema>(NAME, 1, {
      upgrade(created) {
        created.createObjectStore("outbox", { keyPath: "key" });
      },
    });
    return new ForgivingStore(new LastingStore(database));
  } catch {
    return new PassingStore();
  }
}

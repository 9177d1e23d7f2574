import type { AnyEntry } from "./entries";

const LONGEST_HOLD_MS = 30 * 60_000;

const nameOf = (key: string) => `outbox-held-${key}`;

/** What is being edited in this tab. Each hold is a lock, so it ends with its tab. */
export class Holds {
  private readonly ends = new Map<string, () => void>();

  /** Comes back once no other tab holds it; false when it was ended before that. */
  async begin(key: string): Promise<boolean> {
    if (this.ends.has(key)) return true;
    const ended = new Promise<void>((resolve) => this.ends.set(key, resolve));
    if (!("locks" in navigator)) return true;
    await new Promise<void>((begun) => {
      void navigator.locks.request(nameOf(key), () => {
        begun();
        return ended;
      });
    });
    return this.ends.has(key);
  }

  end(key: string): void {
    this.ends.get(key)?.();
    this.ends.delete(key);
  }

  /** Whether the tab that held it is gone. Without locks: whether it has probably gone. */
  async isLeft({ key, heldAt = 0 }: AnyEntry, now: number): Promise<boolean> {
    if (this.ends.has(key)) return false;
    if (!("locks" in navigator)) return Math.abs(now - heldAt) > LONGEST_HOLD_MS;
    return navigator.locks.request(nameOf(key), { ifAvailable: true }, (lock) => lock !== null);
  }
}

type Run = (lock: object | null) => unknown;

/** Web Locks for one page: jsdom has none. Installed anew, all that were held are free. */
export function installLocks(): void {
  const last = new Map<string, Promise<unknown>>();
  async function request(name: string, ...rest: [Run] | [{ ifAvailable?: boolean }, Run]) {
    const [options, run] = rest.length === 1 ? [{}, rest[0]] : rest;
    const before = last.get(name);
    if (options.ifAvailable && before !== undefined) return run(null);
    const result = (before ?? Promise.resolve()).then(() => run({ name }));
    const done = result
      .catch(() => undefined)
      .then(() => {
        if (last.get(name) === done) last.delete(name);
      });
    last.set(name, done);
    return result;
  }
  Object.defineProperty(navigator, "locks", { value: { request }, configurable: true });
}

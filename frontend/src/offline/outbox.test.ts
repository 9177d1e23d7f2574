import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createApi } from "../api/client";
import { installLocks } from "../test/locks";
import { setOnline } from "../test/network";
import { refusal, stored, SUBMISSION } from "../test/samples";
import { on } from "../test/server";
import type { AnyEntry } from "./entries";
import { Outbox } from "./outbox";
import { openStore } from "./store";

const HOUR_MS = 3_600_000;
let now: number;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
});

/** As one tab has it; each reads and writes the same database. */
async function tab(onSent?: () => void): Promise<Outbox> {
  const outbox = new Outbox(createApi("/api"), await openStore(), onSent, () => now);
  onTestFinished(outbox.start());
  return outbox;
}

/** An API that stores by key, as the real one does. `lose` answers are lost after storing. */
function api({ lose = 0 } = {}) {
  const seen: { key: string; body: unknown }[] = [];
  const kept = new Map<string, string>();
  let lost = 0;
  on("post", "/feedback", async ({ request }) => {
    const key = request.headers.get("Idempotency-Key") ?? "";
    const body = await request.text();
    seen.push({ key, body: JSON.parse(body) });
    const first = kept.get(key) ?? body;
    kept.set(key, first);
    if ((lost += 1) <= lose) return "lost";
    if (first !== body)
      return { status: 422, body: refusal("IdempotencyConflict", "used with another body") };
    return { status: 201, body: stored(1) };
  });
  return { seen, kept };
}

const only = (outbox: Outbox): AnyEntry => {
  const [entry, ...more] = outbox.snapshot();
  if (entry === undefined || more.length > 0) throw new Error(`${more.length + 1} entries`);
  return entry;
};

test("what is written with network is sent at once, and nothing of it stays on the device", async () => {
  const { seen } = api();
  const outbox = await tab();
  const outcome = await outbox.submit("feedback", SUBMISSION);
  expect(outcome).toMatchObject({ state: "sent", answer: { sentiment: "positive" } });
  expect(seen).toHaveLength(1);
  expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(await (await openStore()).all()).toEqual([]);
});

test("what is written offline is sent when the network is back, without being asked", async () => {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  const outcome = await outbox.submit("feedback", SUBMISSION);
  expect(outcome).toMatchObject({ state: "waiting", error: undefined });
  expect(seen).toHaveLength(0);
  setOnline(true);
  await vi.waitFor(() => expect(only(outbox).state).toBe("sent"));
  expect(seen).toHaveLength(1);
});

test("what was written in a closed tab is sent by the next one", async () => {
  const { seen } = api();
  setOnline(false);
  const closed = await tab();
  await closed.submit("feedback", SUBMISSION);
  const key = only(closed).key;
  setOnline(true);
  const opened = await tab();
  await vi.waitFor(() => expect(only(opened).state).toBe("sent"));
  expect(seen.map((request) => request.key)).toEqual([key]);
});

test("two tabs send it once", async () => {
  const { seen } = api();
  const [first, second] = [await tab(), await tab()];
  setOnline(false);
  await first.submit("feedback", SUBMISSION);
  setOnline(true);
  await Promise.all([first.flush(), second.flush()]);
  await vi.waitFor(() => expect(only(second).state).toBe("sent"));
  expect(seen).toHaveLength(1);
});

test("a request that hangs keeps neither other forms nor other tabs back", async () => {
  const [first, second] = [await tab(), await tab()];
  setOnline(false);
  await first.submit("feedback", { ...SUBMISSION, message: "waits" });
  now += 1;
  let answer = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (answer = resolve));
  const seen: string[] = [];
  on("post", "/feedback", async ({ request }) => {
    const { message } = (await request.json()) as { message: string };
    seen.push(message);
    if (message === "hangs") await hanging;
    return { status: 201, body: stored(1, { message }) };
  });
  Object.defineProperty(navigator, "onLine", { value: true, configurable: true });
  const hung = first.submit("feedback", { ...SUBMISSION, message: "hangs" });
  await vi.waitFor(() => expect(seen).toContain("hangs"));
  for (const outbox of [first, second])
    expect((await outbox.submit("feedback", SUBMISSION)).state).toBe("sent");
  await first.flush();
  const { message } = SUBMISSION;
  expect([...seen].sort()).toEqual([message, message, "hangs", "waits"]);
  const round = second.flush();
  answer();
  await round;
  expect((await hung).state).toBe("sent");
  expect(seen).toHaveLength(4);
});

test("rounds of two tabs send each entry once", async () => {
  const { seen } = api();
  const [first, second] = [await tab(), await tab()];
  setOnline(false);
  for (const message of ["one", "two", "three"]) {
    await first.submit("feedback", { ...SUBMISSION, message });
    now += 1;
  }
  setOnline(true);
  await Promise.all([first.flush(), second.flush(), first.flush(), second.flush()]);
  await vi.waitFor(() =>
    expect(second.snapshot().map(({ state }) => state)).toEqual(["sent", "sent", "sent"]),
  );
  expect(new Set(seen.map(({ key }) => key)).size).toBe(3);
  expect(seen).toHaveLength(3);
});

test("a lost answer is asked for again under the same key, so it is stored once", async () => {
  const { seen, kept } = api({ lose: 1 });
  const outbox = await tab();
  const outcome = await outbox.submit("feedback", SUBMISSION);
  expect(outcome.state).toBe("waiting");
  now += 10_000;
  await outbox.flush();
  expect(only(outbox).state).toBe("sent");
  expect(seen).toHaveLength(2);
  expect(kept.size).toBe(1);
});

test.each([400, 403, 413, 415] as const)("a refusal with %s is final", async (status) => {
  let asked = 0;
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  on("post", "/feedback", () => {
    asked += 1;
    const details = [{ field: "name", issue: "must have at least 2 characters" }];
    return { status: status as 400, body: refusal("ValidationError", "no", details) };
  });
  setOnline(true);
  await vi.waitFor(() => expect(only(outbox).state).toBe("refused"));
  expect(only(outbox).refusal).toMatchObject({ status, requestId: "request-1" });
  now += HOUR_MS;
  await outbox.flush();
  expect(asked).toBe(1);
});

test.each([408, 429, 500, 503, 504] as const)("%s is tried again", async (status) => {
  const outbox = await tab();
  on("post", "/feedback", () => ({
    status: status as 503,
    body: refusal("ServiceUnavailable", "busy"),
  }));
  expect((await outbox.submit("feedback", SUBMISSION)).state).toBe("waiting");
  const { seen } = api();
  now += HOUR_MS;
  await outbox.flush();
  expect(only(outbox).state).toBe("sent");
  expect(seen).toHaveLength(1);
});

test("the API's Retry-After is kept, even when the network comes back earlier", async () => {
  const outbox = await tab();
  on("post", "/feedback", () => ({
    status: 429,
    body: refusal("TooManyRequests", "wait"),
    headers: { "Retry-After": "60" },
  }));
  await outbox.submit("feedback", SUBMISSION);
  const { seen } = api();
  now += 59_000;
  await outbox.flush({ networkIsBack: true });
  expect(seen).toHaveLength(0);
  now += 1_001;
  await outbox.flush();
  expect(seen).toHaveLength(1);
});

test("a Retry-After of a month is a day, and no timer is longer than a browser can count", async () => {
  const outbox = await tab();
  on("post", "/feedback", () => ({
    status: 429,
    body: refusal("TooManyRequests", "wait"),
    headers: { "Retry-After": "2600000" },
  }));
  const timers = vi.spyOn(globalThis, "setTimeout");
  await outbox.submit("feedback", SUBMISSION);
  expect(only(outbox)).toMatchObject({ notBefore: now + 24 * HOUR_MS, asked: true });
  const waits = timers.mock.calls.map(([, wait]) => wait ?? 0);
  expect(Math.max(...waits)).toBe(300_000);
});

test("what a clock that was ahead has put off is sent when the clock is right", async () => {
  const outbox = await tab();
  on("post", "/feedback", () => ({ status: 503, body: refusal("ServiceUnavailable", "busy") }));
  now += 40 * 24 * HOUR_MS;
  await outbox.submit("feedback", SUBMISSION);
  const { seen } = api();
  now -= 40 * 24 * HOUR_MS;
  await outbox.flush();
  expect(only(outbox).state).toBe("sent");
  expect(seen).toHaveLength(1);
});

test("pauses grow with the attempts", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  api({ lose: 3 });
  const outbox = await tab();
  await outbox.submit("feedback", SUBMISSION);
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const due = only(outbox).notBefore ?? 0;
    pauses.push(due - now);
    now = due;
    await outbox.flush();
  }
  expect(pauses).toEqual([2_000, 4_000, 8_000]);
});

test("what may have arrived and is no longer known is for the person to decide", async () => {
  const { seen } = api({ lose: 1 });
  const outbox = await tab();
  await outbox.submit("feedback", SUBMISSION);
  const { key } = only(outbox);
  now += 24 * HOUR_MS;
  await outbox.flush();
  expect(only(outbox).state).toBe("unsure");
  expect(seen).toHaveLength(1);
  await outbox.sendAgain(key);
  expect(only(outbox).state).toBe("sent");
  expect(seen[1]?.key).not.toBe(key);
});

test("what is being edited is not sent meanwhile", async () => {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  const { key } = only(outbox);
  await outbox.hold(key);
  setOnline(true);
  await outbox.flush();
  expect(seen).toHaveLength(0);
  const outcome = await outbox.edit<"feedback">(key, { ...SUBMISSION, message: "Changed" });
  expect(outcome.state).toBe("sent");
  expect(seen).toEqual([{ key, body: { ...SUBMISSION, message: "Changed" } }]);
});

/** An entry that a tab is editing, and what the API has heard. */
async function edited() {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  await outbox.hold(only(outbox).key);
  Object.defineProperty(navigator, "onLine", { value: true, configurable: true });
  return { seen, outbox };
}

test("what a tab was editing when it was closed is sent by the next one, not before", async () => {
  const { seen } = await edited();
  const opened = await tab();
  await opened.flush();
  expect(only(opened).state).toBe("held");
  installLocks(); // as when the tab that held it is closed
  const reloaded = await tab();
  await vi.waitFor(() => expect(only(reloaded).state).toBe("sent"));
  expect(seen).toHaveLength(1);
});

test("without locks, what another tab edits is held for half an hour", async () => {
  delete (navigator as { locks?: unknown }).locks;
  onTestFinished(installLocks);
  const { outbox } = await edited();
  now += HOUR_MS;
  await outbox.flush();
  expect(only(outbox).state).toBe("held");
  now -= HOUR_MS / 2;
  const opened = await tab();
  await opened.flush();
  expect(only(opened).state).toBe("held");
  now += 1;
  await opened.flush();
  expect(only(opened).state).toBe("sent");
});

test("what is held can be edited in another tab once the first is done", async () => {
  const { seen, outbox } = await edited();
  const { key } = only(outbox);
  const other = await tab();
  const held = other.hold(key);
  setOnline(false);
  await outbox.release(key);
  await held;
  setOnline(true);
  await outbox.flush();
  expect(only(other).state).toBe("held");
  expect(seen).toHaveLength(0);
});

test("who stops editing before another tab is done holds nothing", async () => {
  const { outbox } = await edited();
  const { key } = only(outbox);
  setOnline(false);
  const other = await tab();
  const held = other.hold(key);
  await other.release(key);
  await outbox.hold(key);
  await outbox.release(key);
  await held;
  expect(only(other).state).toBe("waiting");
  await other.remove(key);
});

test("a change that comes too late is not stored beside the first version", async () => {
  const { kept } = api({ lose: 1 });
  const outbox = await tab();
  await outbox.submit("feedback", SUBMISSION);
  const { key } = only(outbox);
  const outcome = await outbox.edit<"feedback">(key, { ...SUBMISSION, message: "Changed" });
  expect(outcome.state).toBe("late");
  expect(kept.size).toBe(1);
  expect(outbox.snapshot()).toEqual([]);
});

test("what is deleted is never sent", async () => {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  await outbox.remove(only(outbox).key);
  setOnline(true);
  await outbox.flush();
  expect(seen).toHaveLength(0);
});

test("what was sent later is kept for a day to be told, without name, address and message", async () => {
  api();
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  setOnline(true);
  await vi.waitFor(() => expect(only(outbox).state).toBe("sent"));
  expect(JSON.stringify(await (await openStore()).all())).not.toMatch(/Ada|example\.com|engine/);
  now += 25 * HOUR_MS;
  await outbox.flush();
  expect(outbox.snapshot()).toEqual([]);
});

test("one that fails does not keep the others back; no network does", async () => {
  const bodies: string[] = [];
  const outbox = await tab();
  setOnline(false);
  for (const message of ["first", "second"]) {
    await outbox.submit("feedback", { ...SUBMISSION, message });
    now += 1;
  }
  on("post", "/feedback", async ({ request }) => {
    const { message } = (await request.json()) as { message: string };
    bodies.push(message);
    return message === "first"
      ? { status: 500, body: refusal("InternalError", "fault") }
      : { status: 201, body: stored(2) };
  });
  setOnline(true);
  await vi.waitFor(() =>
    expect(outbox.snapshot().map(({ state }) => state)).toEqual(["waiting", "sent"]),
  );
  expect(bodies).toEqual(["first", "second"]);
});

test("one that is stopped ends what it has begun, and nothing else", async () => {
  const outbox = new Outbox(createApi("/api"), await openStore(), undefined, () => now);
  const stop = outbox.start();
  on("post", "/feedback", () => {
    stop();
    return { status: 503, body: refusal("ServiceUnavailable", "busy") };
  });
  await expect(outbox.submit("feedback", SUBMISSION)).resolves.toMatchObject({ state: "waiting" });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await outbox.flush();
  expect(vi.getTimerCount()).toBe(0);
});

test("without a database it works as long as the page is open, and says so", async () => {
  api();
  vi.stubGlobal("indexedDB", undefined);
  const outbox = await tab();
  expect((await outbox.submit("feedback", SUBMISSION)).state).toBe("sent");
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  const { key } = only(outbox);
  expect(outbox.lasting(key)).toBe(false);
  await outbox.remove(key);
});

/** As a browser whose disk is full does; the function that comes back makes room. */
function fill(): () => void {
  const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("The disk is full", "QuotaExceededError");
  });
  return () => full.mockRestore();
}

test("with a full database it is sent all the same", async () => {
  const { seen } = api();
  const outbox = await tab();
  fill();
  expect((await outbox.submit("feedback", SUBMISSION)).state).toBe("sent");
  expect(seen).toHaveLength(1);
  expect(outbox.snapshot()).toEqual([]);
});

test("what a full database refuses waits as long as the page is open, and is said to", async () => {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  const makeRoom = fill();
  await outbox.submit("feedback", SUBMISSION);
  const { key } = only(outbox);
  expect(outbox.lasting(key)).toBe(false);
  makeRoom();
  await outbox.hold(key);
  expect(outbox.lasting(key)).toBe(true);
  await outbox.release(key);
  setOnline(true);
  await vi.waitFor(() => expect(only(outbox).state).toBe("sent"));
  expect(seen.map((request) => request.key)).toEqual([key]);
});

test("what was kept before the database was full is sent once, and not again", async () => {
  const { seen } = api();
  const outbox = await tab();
  setOnline(false);
  await outbox.submit("feedback", SUBMISSION);
  fill();
  setOnline(true);
  await vi.waitFor(() => expect(only(outbox).state).toBe("sent"));
  await outbox.flush();
  const reloaded = await tab();
  await reloaded.flush();
  expect(reloaded.snapshot()).toEqual([]);
  expect(seen).toHaveLength(1);
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import { task } from "../test/tracker";
import { Deletions, Journal, UNDO_MILLISECONDS, type Backend } from "./deletions";

interface Promised<Value> {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
}

function promised<Value>(): Promised<Value> {
  const parts: Partial<Promised<Value>> = {};
  parts.promise = new Promise<Value>((resolve, reject) =>
    Object.assign(parts, { resolve, reject }),
  );
  return parts as Promised<Value>;
}

const ONE = task(1);
const settled = () => vi.advanceTimersByTimeAsync(0);

function setUp(storage: () => Storage = () => localStorage) {
  const version = promised<string>();
  const answer = promised<undefined>();
  const backend = {
    versionOf: vi.fn<Backend["versionOf"]>(() => version.promise),
    remove: vi.fn<Backend["remove"]>(() => answer.promise),
    onDeleted: vi.fn<Backend["onDeleted"]>(),
  };
  const journal = new Journal(storage);
  const deletions = new Deletions(backend, journal);
  const failed = vi.fn();
  deletions.whenFailed(failed);
  return { version, answer, backend, journal, deletions, failed };
}

beforeEach(() => {
  vi.useFakeTimers();
});

describe("deletions", () => {
  it("are sent once, however often they are asked for", async () => {
    const { deletions, version, answer, backend } = setUp();
    deletions.add(ONE);
    deletions.add(ONE);
    version.resolve('"1"');
    await vi.advanceTimersByTimeAsync(UNDO_MILLISECONDS);
    deletions.leave();
    expect(backend.remove.mock.calls).toEqual([[ONE, '"1"', { keepalive: false }]]);
    expect(deletions.pending()).toEqual([{ task: ONE, state: "sent" }]);
    deletions.undo(ONE.TaskId);
    expect(deletions.pending()).toHaveLength(1);
    answer.resolve(undefined);
    await settled();
    expect(backend.onDeleted).toHaveBeenCalledWith(ONE);
    expect(deletions.pending()).toEqual([]);
  });

  it("that leave with the page are noted until they are answered", async () => {
    const { deletions, version, answer, journal } = setUp();
    deletions.add(ONE);
    version.resolve('"1"');
    await settled();
    expect(journal.read()).toEqual([]);
    deletions.leave();
    expect(journal.read()).toEqual([{ id: ONE.TaskId, title: "Task 1", etag: '"1"' }]);
    answer.resolve(undefined);
    await settled();
    expect(journal.read()).toEqual([]);
  });

  it("leave before the version is known as soon as it is, and never without it", async () => {
    const { deletions, version, backend, journal } = setUp();
    deletions.add(ONE);
    deletions.leave();
    await vi.advanceTimersByTimeAsync(2 * UNDO_MILLISECONDS);
    expect(backend.remove).not.toHaveBeenCalled();
    expect(journal.read()).toEqual([{ id: ONE.TaskId, title: "Task 1" }]);
    version.resolve('"4"');
    await settled();
    expect(backend.remove.mock.calls).toEqual([[ONE, '"4"', { keepalive: true }]]);
  });

  it("fail once, and are noted no more", async () => {
    const { deletions, version, failed, journal } = setUp();
    deletions.add(ONE);
    deletions.leave();
    const error = new Error("changed");
    version.reject(error);
    await settled();
    expect(failed.mock.calls).toEqual([[ONE, error]]);
    expect(deletions.pending()).toEqual([]);
    expect(journal.read()).toEqual([]);
  });

  it("that were undone do not fail", async () => {
    const { deletions, version, failed } = setUp();
    deletions.add(ONE);
    deletions.undo(ONE.TaskId);
    version.reject(new Error("changed"));
    await settled();
    expect(failed).not.toHaveBeenCalled();
  });

  it("do without storage", async () => {
    const { deletions, version, backend } = setUp(() => {
      throw new DOMException("forbidden", "SecurityError");
    });
    deletions.add(ONE);
    version.resolve('"1"');
    await settled();
    deletions.leave();
    expect(backend.remove).toHaveBeenCalledOnce();
  });
});

describe("journal", () => {
  it.each(["", "{", "7", '[{"id": 7}, null]'])("takes %j for empty", (text) => {
    localStorage.setItem("tasks:deletions", text);
    expect(new Journal(() => localStorage).read()).toEqual([]);
  });
});

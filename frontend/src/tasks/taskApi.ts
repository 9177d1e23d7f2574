/** Reading and writing tasks, with the versions that keep two people from undoing each other's work. */
import type { Api } from "../api/client";
import { answer } from "../api/client";
import { ApiError } from "../api/errors";
import { remaining } from "./conflict";
import type { Filters } from "./filters";
import { queryOf } from "./filters";
import { nextCursor } from "./link";
import {
  changed,
  sameTask,
  type Activity,
  type NewTask,
  type Task,
  type TaskChanges,
} from "./task";

export const PAGE_SIZE = 25;

export interface Page<Item> {
  items: Item[];
  /** Of the next page; null on the last one. */
  next: string | null;
}

export interface Versioned {
  task: Task;
  etag: string;
}

/** Somebody else changed the task since this person saw it. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";

  constructor(
    readonly seen: Task,
    readonly now: Versioned,
    /** What was to be written; null for a deletion. */
    readonly changes: TaskChanges | null,
  ) {
    super(`“${seen.Title}” was changed by somebody else`);
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The request itself is wrong: it will be refused as often as it is sent. */
export function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status === 400;
}

function isOtherVersion(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}

export async function listTasks(
  api: Api,
  filters: Filters,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<Task>> {
  const query = { ...queryOf(filters), limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
  const { data, response } = await answer(api.GET("/tasks", { params: { query }, signal }));
  return { items: data, next: nextCursor(response.headers.get("Link")) };
}

export async function listActivity(
  api: Api,
  taskId: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<Activity>> {
  const params = {
    path: { TaskId: taskId },
    query: { limit: 10, ...(cursor !== null && { cursor }) },
  };
  const call = api.GET("/tasks/{TaskId}/activity", { params, signal });
  const { data, response } = await answer(call);
  return { items: data, next: nextCursor(response.headers.get("Link")) };
}

export async function readTask(api: Api, taskId: string, signal?: AbortSignal): Promise<Versioned> {
  const params = { path: { TaskId: taskId } };
  const { data, response } = await answer(
    api.GET("/tasks/{TaskId}", { params, ...(signal && { signal }) }),
  );
  return { task: data, etag: etagOf(response) };
}

export async function createTask(api: Api, task: NewTask, key: string): Promise<Versioned> {
  const params = { header: { "Idempotency-Key": key } };
  const { data, response } = await answer(api.POST("/tasks", { params, body: task }));
  return { task: data.data, etag: etagOf(response) };
}

/** Of writing to a task that says the same, but is at another version each time. */
const ATTEMPTS = 3;

/**
 * Changes the version that the person saw.
 *
 * Throws ConflictError when the task says something else by now, and nothing was written. A version
 * that says the same (somebody changed it back) or what was asked for (an answer was lost) is none.
 */
export async function changeTask(
  api: Api,
  seen: Versioned,
  changes: TaskChanges,
): Promise<Versioned> {
  let known = seen;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await put(api, known, changes);
    } catch (error) {
      if (!isOtherVersion(error) || attempt === ATTEMPTS) throw error;
    }
    known = await readTask(api, seen.task.TaskId);
    if (Object.keys(remaining(known.task, changes)).length === 0) return known;
    if (!sameTask(known.task, seen.task)) throw new ConflictError(seen.task, known, changes);
  }
}

/** The version that says what the person saw in a list, which tells none. */
export async function versionOf(
  api: Api,
  seen: Task,
  changes: TaskChanges | null,
): Promise<Versioned> {
  const now = await readTask(api, seen.TaskId);
  const isDone = changes !== null && Object.keys(remaining(now.task, changes)).length === 0;
  if (!isDone && !sameTask(now.task, seen)) throw new ConflictError(seen, now, changes);
  return now;
}

/** Deletes the version that the person saw; one that is gone is as good as deleted. */
export async function deleteTask(
  api: Api,
  seen: Versioned,
  { keepalive }: { keepalive: boolean },
): Promise<void> {
  const { task, etag } = seen;
  const params = { path: { TaskId: task.TaskId }, header: { "If-Match": etag } };
  try {
    await answer(api.DELETE("/tasks/{TaskId}", { params, keepalive }));
  } catch (error) {
    if (isGone(error)) return;
    if (!isOtherVersion(error)) throw error;
    const now = await readTask(api, task.TaskId);
    throw new ConflictError(task, now, null);
  }
}

async function put(api: Api, { task, etag }: Versioned, changes: TaskChanges): Promise<Versioned> {
  const params = { path: { TaskId: task.TaskId }, header: { "If-Match": etag } };
  const { data, response } = await answer(api.PUT("/tasks/{TaskId}", { params, body: changes }));
  // The answer has the named fields as they were stored; the others are as in the version matched.
  const unset = Object.fromEntries(Object.keys(changes).map((field) => [field, null]));
  return { task: changed(task, { ...unset, ...data.data }), etag: etagOf(response) };
}

function etagOf(response: Response): string {
  const etag = response.headers.get("ETag");
  if (etag === null) throw new ApiError(502, "Unknown", "The service told no version of the task");
  return etag;
}

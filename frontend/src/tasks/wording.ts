import { NetworkError } from "../api/errors";
import { errorWords, type ToastOptions } from "../ui";
import type { Task } from "./task";
import { ConflictError, isGone } from "./taskApi";

export function notCreated(title: string, error: unknown): ToastOptions {
  return failure(`“${title}” was not created.`, error);
}

export function notChanged(task: Task, error: unknown): ToastOptions {
  return failure(`“${task.Title}” was not changed.`, error);
}

export function notDeleted(task: Task, error: unknown): ToastOptions {
  return failure(`“${task.Title}” was not deleted.`, error);
}

/** It stays until it is closed: somebody who looked away thinks that it was done. */
function failure(what: string, error: unknown): ToastOptions {
  return { kind: "error", message: `${what} ${why(error)}`, durationMs: null };
}

/** What an ErrorNotice about a write says of it. */
export function notSaved(error: unknown, done = "saved"): { advice?: string } {
  return isOffline(error) ? { advice: `It was not ${done}. ${WHEN_ONLINE}` } : {};
}

/** Other than what is read, and what the outbox keeps, a write does not come by itself then. */
const WHEN_ONLINE = "Please try again when you are online.";

function isOffline(error: unknown): boolean {
  return error instanceof NetworkError && !navigator.onLine;
}

function why(error: unknown): string {
  if (error instanceof ConflictError) return "Somebody else changed it meanwhile.";
  const { title, advice, reference } = errorWords(error);
  const quote = reference === undefined ? "" : ` Reference ${reference}.`;
  if (isGone(error)) return `Somebody deleted it meanwhile.${quote}`;
  return `${title}. ${isOffline(error) ? WHEN_ONLINE : advice}${quote}`;
}

import type { components } from "./schema";

export type ErrorDetail = components["schemas"]["ErrorDetail"];

/** An answer other than 2xx. `code` is the API's stable name for it. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly ErrorDetail[] = [],
    /** To quote to the team; undefined when the answer did not come from the API. */
    readonly requestId?: string,
    /** How long the API asks to wait. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** No answer at all: no network, the API out of reach, or too slow. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(options?: ErrorOptions) {
    super("The service could not be reached", options);
  }
}

/** Milliseconds until the API wants to be asked again; 0 if it says nothing of that. */
export function askedPause(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
}

/** Whether the same request may succeed later; all other refusals are final. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  if (!(error instanceof ApiError)) return false;
  return error.status === 408 || error.status === 429 || error.status >= 500;
}

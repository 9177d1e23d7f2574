import type { Api } from "../api/client";
import type { components } from "../api/schema";
import { answer } from "../api/client";
import { ApiError, isTransient, NetworkError } from "../api/errors";
import type { AnyEntry, Entry, Kind, Kinds } from "./entries";

const HOUR_MS = 3_600_000;
// How long the API is sure to know a key (openapi.yaml, Idempotency-Key), less an hour of clocks
// that differ. Messages' keys are known as long as the message is: 91 days at least.
const KNOWN_MS: Record<Kind, number> = { feedback: 23 * HOUR_MS, contact: 90 * 24 * HOUR_MS };
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
// Whoever asks for more has erred: what was written is not kept back for weeks.
const LONGEST_ASKED_MS = 24 * HOUR_MS;

export type Given = components["schemas"]["StoredFeedback" | "MessageAccepted"];

/** Whatever else comes with a 2xx, such as a captive portal's page, is no answer of the API's. */
function checked<Data extends object>(data: Data, named: string): Data {
  const given = data as Record<string, unknown> | null | undefined;
  if (typeof given?.[named] === "string") return data;
  throw new ApiError(502, "Unknown", "The answer is of another kind");
}

async function post(api: Api, entry: AnyEntry): Promise<Given> {
  const params = { header: { "Idempotency-Key": entry.key } };
  if (entry.body === undefined) throw new Error("A sent entry is not sent again");
  if (entry.kind === "contact")
    return checked(
      (await answer(api.POST("/contact", { params, body: entry.body }))).data,
      "messageId",
    );
  const { data } = await answer(api.POST("/feedback", { params, body: entry.body }));
  return checked(data, "createdAt") as Given;
}

/** Of the answer what the person is told: nobody's address stays on the device. */
function told(given: Given): Kinds[Kind]["answer"] {
  if ("messageId" in given) return given;
  const { feedbackId, sentiment, rating, createdAt } = given;
  return { feedbackId, sentiment, rating, createdAt };
}

/** Doubles with every attempt; by chance, so that not everybody comes back in the same second. */
function pause(attempts: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
  return longest / 2 + (Math.random() * longest) / 2;
}

/** From when it may be sent. Later than anybody may ask for is of a clock that was ahead. */
export function dueAt({ notBefore = 0 }: AnyEntry, now: number): number {
  return notBefore > now + LONGEST_ASKED_MS ? now : notBefore;
}

/** The entry as it is to be written down before an attempt; "unsure" when none may be made. */
export function beforeAttempt(entry: AnyEntry, now: number): AnyEntry {
  const since = entry.unknownSince ?? now;
  if (now - since > KNOWN_MS[entry.kind]) return { ...entry, state: "unsure" };
  return { ...entry, attempts: entry.attempts + 1, unknownSince: since };
}

function sent(entry: AnyEntry, given: Given): AnyEntry {
  const { key, kind, writtenAt, attempts } = entry;
  const state = "sent";
  return { key, kind, writtenAt, attempts, state, answer: told(given) } as Entry as AnyEntry;
}

function refused(entry: AnyEntry, error: ApiError): AnyEntry {
  const { unknownSince, notBefore, asked, ...rest } = entry;
  const { status, code, message, details, requestId } = error;
  return { ...rest, state: "refused", refusal: { status, code, message, details, requestId } };
}

function postponed(entry: AnyEntry, error: unknown, now: number): AnyEntry {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  const wait = Math.max(Math.min((asked ?? 0) * 1000, LONGEST_ASKED_MS), pause(entry.attempts));
  return { ...entry, notBefore: now + wait, asked: asked !== undefined };
}

export interface Attempt {
  entry: AnyEntry;
  /** The API's whole answer, when it arrived. */
  given?: Given;
  /** Why it is to be attempted again. */
  error?: unknown;
}

export async function attempt(api: Api, entry: AnyEntry, now: () => number): Promise<Attempt> {
  try {
    const given = await post(api, entry);
    return { entry: sent(entry, given), given };
  } catch (error) {
    if (error instanceof ApiError && !isTransient(error)) return { entry: refused(entry, error) };
    return { entry: postponed(entry, error, now()), error };
  }
}

/** Whether what failed so fails for every other entry too, for now. */
export function concernsAll(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status === 503);
}

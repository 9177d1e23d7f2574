import type { components } from "../api/schema";

type Schemas = components["schemas"];

export const SUBMISSION: Schemas["FeedbackSubmission"] = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  rating: 5,
  message: "The new engine is wonderful!",
};

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export function stored(number: number, changes: Partial<Schemas["StoredFeedback"]> = {}) {
  const createdAt = new Date(Date.UTC(2026, 0, 1, 12, 0, number)).toISOString();
  return {
    feedbackId: id(number),
    ...SUBMISSION,
    sentiment: "positive" as const,
    createdAt,
    ...changes,
  };
}

export function shown(
  number: number,
  changes: Partial<Schemas["PublicFeedback"]> = {},
): Schemas["PublicFeedback"] {
  const { email: _email, ...item } = stored(number);
  return { ...item, message: `Feedback ${number}`, ...changes };
}

export function pageOf(items: Schemas["PublicFeedback"][], lastKey: string | null = null) {
  return { status: 200 as const, body: { items, count: items.length, lastKey } };
}

export function refusal(
  error: Schemas["Error"]["error"],
  message: string,
  details: Schemas["ErrorDetail"][] = [],
): Schemas["Error"] {
  return { error, message, details, requestId: "request-1" };
}

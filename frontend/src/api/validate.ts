import { addressIssue } from "./emailAddress";
import type { FieldLimits } from "./limits";

/** `required` and the fields' limits of one request body. */
export interface BodyLimits<Field extends string = string> {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<Field, FieldLimits>>;
}

// Of an address only spaces are cut off; the document has no pattern for it that would tell.
const EMAIL_EDGE = "\\u0020\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000";
// Without Hangul's places for a letter that is not there: letters to Unicode, nothing to the eye.
const VISIBLE = /(?![\u115F\u1160\u3164\uFFA0])[\p{L}\p{N}\p{P}\p{S}]/u;

/** The text as the API reads it: without what it cuts off the ends. */
export function trimmed(value: string, limits: FieldLimits): string {
  const edge = limits.edge ?? (limits.format === "email" ? EMAIL_EDGE : undefined);
  if (edge === undefined) return value;
  // By hand: an expression for the end would take time quadratic in the blanks inside.
  const cut = new RegExp(`[${edge}]`, "u");
  let [start, end] = [0, value.length];
  while (start < end && cut.test(value.charAt(start))) start += 1;
  while (end > start && cut.test(value.charAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

/** Characters as the API counts them: code points. */
export function lengthOf(value: string): number {
  return Array.from(value).length;
}

/** What the API would say about a text, in its words; undefined when it would take it. */
export function textIssue(
  value: string,
  limits: FieldLimits,
  required: boolean,
): string | undefined {
  const text = trimmed(value, limits);
  const length = lengthOf(text);
  const { minLength = 0, maxLength = Infinity } = limits;
  if (text === "" && required) return "is required";
  if (length < minLength) return `must have at least ${minLength} characters`;
  if (length > maxLength) return `must have at most ${maxLength} characters`;
  if (limits.format === "email") return addressIssue(text, limits.asciiLocal);
  if (limits.pattern !== undefined && text !== "") {
    // On trimmed text only forbidden characters are left for it to find.
    if (!new RegExp(limits.pattern, "u").test(text)) return "must not contain control characters";
    if (!VISIBLE.test(text)) return "must contain something that can be seen";
  }
  return undefined;
}

/** What the API would say about a whole number that may not be chosen yet. */
export function numberIssue(
  value: number | null,
  limits: FieldLimits,
  required: boolean,
): string | undefined {
  if (value === null) return required ? "is required" : undefined;
  if (!Number.isInteger(value)) return "must be a whole number";
  if (limits.minimum !== undefined && value < limits.minimum)
    return `must be at least ${limits.minimum}`;
  if (limits.maximum !== undefined && value > limits.maximum)
    return `must be at most ${limits.maximum}`;
  return undefined;
}

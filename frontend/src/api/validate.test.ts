import { describe, expect, test } from "vitest";
import verdicts from "../test/verdicts.json";
import contact from "./limits/ContactRequest.json";
import feedback from "./limits/FeedbackSubmission.json";
import { numberIssue, textIssue, trimmed } from "./validate";

const limits: Record<string, { fields: Record<string, object> }> = {
  FeedbackSubmission: feedback,
  ContactRequest: contact,
};

/** A long text is written as its runs: [["y", 5000]]. */
function whole(text: string | (string | number)[][]): string {
  if (typeof text === "string") return text;
  return text.map(([run, times]) => String(run).repeat(Number(times))).join("");
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 20)}… (${text.length})` : text);
}

// tests/unit/test_site_verdicts.py asks the API's own models about the same texts.
describe("the form says of a text what the API says", () => {
  for (const [body, fields] of Object.entries(verdicts))
    for (const [field, cases] of Object.entries(fields))
      test.each(cases.map(({ text, issue }) => [shown(whole(text)), whole(text), issue] as const))(
        `${body}.${field} %s`,
        (_, text, issue) => {
          const field_limits = limits[body]?.fields[field];
          if (field_limits === undefined) throw new Error(`no limits of ${body}.${field}`);
          const said = textIssue(text, field_limits, true) ?? null;
          // Of a required field, a form tells "nothing there" from "too short".
          const empty = trimmed(text, field_limits) === "" && issue !== null;
          expect(said).toBe(empty ? "is required" : issue);
        },
      );
});

test.each([
  [null, "is required"],
  [0, "must be at least 1"],
  [1, undefined],
  [5, undefined],
  [6, "must be at most 5"],
  [2.5, "must be a whole number"],
])("rating %s", (value, issue) => {
  expect(numberIssue(value, feedback.fields.rating, true)).toBe(issue);
});

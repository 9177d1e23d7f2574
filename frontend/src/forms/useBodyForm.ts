import { useRef, useState } from "react";
import type { ErrorDetail } from "../api/errors";
import { numberIssue, textIssue, trimmed, type BodyLimits } from "../api/validate";

export type Values = Record<string, string | number | null>;
export type Issues = Partial<Record<string, string>>;

function issuesOf(values: Values, limits: BodyLimits): Issues {
  const found = Object.entries(limits.fields).map(([field, its]) => {
    const value = values[field] ?? null;
    const required = limits.required.includes(field);
    const issue =
      typeof value === "string"
        ? textIssue(value, its, required)
        : numberIssue(value, its, required);
    return [field, issue] as const;
  });
  return Object.fromEntries(found.filter(([, issue]) => issue !== undefined));
}

/** The state of a form for a request body, checked against the limits that the API has for it. */
export function useBodyForm(
  limits: BodyLimits,
  initial: Values | (() => Values),
  onChange?: (values: Values) => void,
) {
  const [values, setValues] = useState(initial);
  const [issues, setIssues] = useState<Issues>({});
  const form = useRef<HTMLFormElement>(null);

  /** The first field that is not right gets the focus, once its error is there to be read out. */
  function show(found: Issues): void {
    setIssues(found);
    const first = Object.keys(limits.fields).find((field) => found[field] !== undefined);
    if (first === undefined) return;
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus(),
    );
  }

  return {
    form,
    values,
    issues,
    change(field: string, value: string | number | null): void {
      const next = { ...values, [field]: value };
      setValues(next);
      onChange?.(next);
      // An error goes when it is mended, and changes with what is typed, but does not come.
      if (issues[field] !== undefined)
        setIssues({ ...issues, [field]: issuesOf(next, limits)[field] });
    },
    /** When a field is left: what is wrong with it, unless nothing was written yet. */
    left(field: string): void {
      const value = values[field];
      if (value === "" || value === null) return;
      setIssues({ ...issues, [field]: issuesOf(values, limits)[field] });
    },
    /** The body to send, its texts without what the API cuts off; null when something is wrong. */
    body(): Values | null {
      const found = issuesOf(values, limits);
      show(found);
      if (Object.keys(found).length > 0) return null;
      return Object.fromEntries(
        Object.entries(limits.fields).map(([field, its]) => {
          const value = values[field] ?? null;
          return [field, typeof value === "string" ? trimmed(value, its) : value];
        }),
      );
    },
    /** What the API found, at its fields. True when that tells all of it. */
    refuse(details: readonly ErrorDetail[]): boolean {
      const known = details.filter(({ field }) => field in limits.fields);
      show(Object.fromEntries(known.map(({ field, issue }) => [field, issue])));
      return known.length > 0 && known.length === details.length;
    },
  };
}

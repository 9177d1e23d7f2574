import type { Values } from "./useBodyForm";

const nameOf = (kind: string) => `draft-${kind}`;

/** What was typed into a form and not sent, as long as the tab is open. */
export function readDraft(kind: string): Values | null {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(kind)) ?? "null") as Values | null;
  } catch {
    return null;
  }
}

export function keepDraft(kind: string, values: Values | null): void {
  try {
    if (values === null) sessionStorage.removeItem(nameOf(kind));
    else sessionStorage.setItem(nameOf(kind), JSON.stringify(values));
  } catch {
    // A browser that keeps nothing: the form works without.
  }
}

import { configure } from "@testing-library/react";
import { vi } from "vitest";

/** Whole pages with real requests to msw, and axe over all of it: seconds on a busy machine. */
export function bePatient(): void {
  vi.setConfig({ testTimeout: 30_000 });
  configure({ asyncUtilTimeout: 5_000 });
}

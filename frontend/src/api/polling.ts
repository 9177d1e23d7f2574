import { askedPause } from "./errors";

/** For `refetchInterval`: as often as this, or as late as the API asks for. */
export function every(milliseconds: number) {
  return ({ state }: { state: { error: Error | null } }) =>
    Math.max(milliseconds, askedPause(state.error));
}

import { useDeferredValue } from "react";

/**
 * Whether to draw what has just come. It is at first no, so that the first drawing of a whole list
 * happens in short slices, between which the page answers; all later changes of it are at once.
 */
export function useDrawn(isThere: boolean): boolean {
  return useDeferredValue(isThere) && isThere;
}

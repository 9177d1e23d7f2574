import { useEffect, useRef, type RefObject } from "react";

/**
 * Gives the focus to what takes a form's place: it would fall off the page with the form's button.
 * Again with every other `news`.
 */
export function useFocus<Of extends HTMLElement>(news?: unknown): RefObject<Of | null> {
  const element = useRef<Of>(null);
  useEffect(() => element.current?.focus(), [news]);
  return element;
}

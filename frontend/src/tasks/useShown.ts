import { useEffect, useRef, type RefObject } from "react";

/** Whether the component is still there when an answer comes. */
export function useShown(): RefObject<boolean> {
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  return shown;
}

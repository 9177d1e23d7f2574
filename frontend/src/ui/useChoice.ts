import { useState } from "react";

/**
 * A choice that stands in the address, shown as soon as it is made. The router changes the address
 * in a transition, and until that is done a controlled input would be back at the old value.
 */
export function useChoice<T>(standing: T, onChange: (chosen: T) => void): [T, (chosen: T) => void] {
  const key = JSON.stringify(standing);
  const [{ of, shown }, setShown] = useState({ of: key, shown: standing });
  if (of !== key) setShown({ of: key, shown: standing });
  return [
    of === key ? shown : standing,
    (chosen) => {
      setShown({ of: key, shown: chosen });
      onChange(chosen);
    },
  ];
}

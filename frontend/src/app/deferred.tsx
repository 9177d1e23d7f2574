import { lazy, useState, type ComponentType, type ReactNode } from "react";

interface Module {
  default: ComponentType;
}

/** A component whose code comes when it is first shown, or when `preload` is called. */
export interface Deferred {
  (): ReactNode;
  preload: () => Promise<void>;
}

/**
 * As React.lazy, but what has been preloaded is there at the first rendering. A lazy component
 * shows its fallback even then, and React shows no fallback for less than 300 ms.
 */
export function deferred(load: () => Promise<Module>): Deferred {
  let loaded: ComponentType | undefined;
  let loading: Promise<Module> | undefined;
  const begin = () => (loading ??= load());
  const Later = lazy(begin);

  function Component() {
    // Kept as it was: another component in its place would lose what was typed into this one.
    const [Shown] = useState<ComponentType>(() => loaded ?? Later);
    return <Shown />;
  }
  Component.preload = async () => {
    loaded = (await begin()).default;
  };
  return Component;
}

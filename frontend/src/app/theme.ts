import { useCallback, useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

function current(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark().matches ? "dark" : "light";
}

function subscribe(changed: () => void): () => void {
  const system = dark();
  const root = new MutationObserver(changed);
  system.addEventListener("change", changed);
  root.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", changed);
    root.disconnect();
  };
}

/** The theme in force, and what changes it for good (public/theme.js reads it at the next start). */
export function useTheme(): [Theme, () => void] {
  const theme = useSyncExternalStore(subscribe, current);
  const toggle = useCallback(() => {
    const next = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }, []);
  return [theme, toggle];
}

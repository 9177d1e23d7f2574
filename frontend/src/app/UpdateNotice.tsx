import { useEffect } from "react";
import { useToasts } from "../ui/Toast";

/** Offers a new version of the app when one has been published. Shows nothing itself. */
export function UpdateNotice() {
  const { toast } = useToasts();
  useEffect(() => {
    if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
    // After everything that the first view needs.
    const start = () =>
      void import("./serviceWorker")
        .then(({ registerServiceWorker }) =>
          registerServiceWorker((bring) =>
            toast({
              message: "A new version of this site is there.",
              action: { label: "Reload", run: bring },
              durationMs: null,
            }),
          ),
        )
        // Without it the site works as well, with network.
        .catch(() => undefined);
    if (document.readyState === "complete") start();
    else window.addEventListener("load", start, { once: true });
    return () => window.removeEventListener("load", start);
  }, [toast]);
  return null;
}

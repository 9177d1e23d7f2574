import { onlineManager, QueryClient } from "@tanstack/react-query";
import { askedPause, isTransient } from "../api/errors";

const ATTEMPTS = 3;
// Whoever looks at a skeleton for longer wants to know why.
const PATIENCE_MS = 3_000;

/** Refusals are final; faults are tried again, unless the API asks for a longer pause: that is told. */
export function createQueryClient(): QueryClient {
  // It takes itself to be online at first, and would not notice the network coming to an app that
  // was opened without.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // Without network: an error that says so at once, not a page that waits in silence.
        networkMode: "always",
        refetchOnReconnect: true,
        retry: (failures, error) =>
          failures < ATTEMPTS - 1 && isTransient(error) && askedPause(error) <= PATIENCE_MS,
        retryDelay: (failures, error) => askedPause(error) || 500 * 2 ** failures,
      },
      // Without network a mutation is refused or kept by the outbox, never paused in memory.
      mutations: { networkMode: "always", retry: false },
    },
  });
}

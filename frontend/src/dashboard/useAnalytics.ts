import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answer } from "../api/client";
import { every } from "../api/polling";
import { LONGEST_PERIOD } from "./period";
import type { Analytics, Day } from "./series";

export const REFRESH_MILLISECONDS = 15_000;

export interface Figures {
  analytics: Analytics;
  daily: readonly Day[];
  /** When the API told them, as far as caches on the way admit. */
  toldAt: number;
}

/** Asked again while the page is seen, and at once when somebody comes back to it. */
export function useAnalytics() {
  const api = useApi();
  return useQuery({
    queryKey: ["analytics", LONGEST_PERIOD],
    queryFn: async ({ signal }): Promise<Figures> => {
      const { data, response } = await answer(
        api.GET("/analytics", {
          params: { query: { days: LONGEST_PERIOD } },
          signal,
          // The browser would give its own copy for a minute; the CDN's is shared, and its age known.
          cache: "no-cache",
        }),
      );
      const age = Number(response.headers.get("Age") ?? 0);
      return {
        analytics: data,
        daily: data.daily ?? [],
        toldAt: Date.now() - (Number.isFinite(age) ? age * 1000 : 0),
      };
    },
    staleTime: 0,
    refetchInterval: every(REFRESH_MILLISECONDS),
    refetchOnWindowFocus: "always",
    // Without network it is an error that is shown, not a pause that is not.
    networkMode: "always",
  });
}

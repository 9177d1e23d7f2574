import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/ApiContext";
import { ApiError } from "../api/errors";
import { useNow } from "../ui";
import { deliveryState, type DeliveryState } from "./deliveryState";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** A message is usually sent within seconds; the workflow's own attempts end after minutes. */
export const FOLLOWED_MS = 2 * 60_000;

/**
 * - following: still on its way, and asked for.
 * - gaveUp: it was on its way for longer than anybody looks at a page.
 * - unknown: the API knows no such message.
 */
export type Delivery = "following" | "sent" | "failed" | "gaveUp" | "unknown";

/** Asks for the state of a message, ever less often, until it is settled or time is up. */
export function useDelivery(accepted: DeliveryState): Delivery {
  const api = useApi();
  const [since] = useState(() => Date.now());
  const { messageId } = accepted;
  const { data, error } = useQuery({
    queryKey: ["contact", messageId],
    queryFn: ({ signal }) => deliveryState(api, messageId, signal),
    initialData: accepted,
    initialDataUpdatedAt: 0,
    // The interval is the retry.
    retry: false,
    refetchInterval: ({ state }) => {
      const settled = state.data?.status !== "queued" || isUnknown(state.error);
      if (settled || Date.now() - since > FOLLOWED_MS) return false;
      const asked = state.dataUpdateCount + state.errorUpdateCount;
      return Math.min(FIRST_PAUSE_MS * 1.5 ** asked, LONGEST_PAUSE_MS);
    },
  });
  const now = useNow(5_000);
  if (data.status !== "queued") return data.status;
  if (isUnknown(error)) return "unknown";
  return now - since > FOLLOWED_MS ? "gaveUp" : "following";
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

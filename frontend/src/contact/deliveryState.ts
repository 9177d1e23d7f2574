import { body, type Api } from "../api/client";
import type { components } from "../api/schema";

export type DeliveryState = components["schemas"]["MessageAccepted"];

/** What became of a message to the team. 404 when the API does not know it (any more). */
export function deliveryState(
  api: Api,
  messageId: string,
  signal: AbortSignal,
): Promise<DeliveryState> {
  return body(api.GET("/contact/{messageId}", { params: { path: { messageId } }, signal }));
}

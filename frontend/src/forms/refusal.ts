import { ApiError } from "../api/errors";
import type { Refusal } from "../offline/entries";

/** The error that an entry of the outbox was refused with. */
export function errorOfRefusal({ status, code, message, details, requestId }: Refusal): ApiError {
  return new ApiError(status, code, message, details, requestId);
}

import { ApiError, type ErrorDetail } from "./errors";

interface ErrorBody {
  error: string;
  message: string;
  details?: ErrorDetail[];
  requestId?: string;
}

function isErrorBody(body: unknown): body is ErrorBody {
  const candidate = body as Partial<ErrorBody> | null;
  return typeof candidate?.error === "string" && typeof candidate.message === "string";
}

/** Seconds of a Retry-After header, which names seconds or a date. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** What an answer other than 2xx says; the body may be anything, as a proxy may have written it. */
export function errorOf(response: Response, body: unknown): ApiError {
  const wait = retryAfter(response.headers.get("Retry-After"));
  // What API Gateway or CloudFront calls it, when no function was reached.
  const onTheWay =
    response.headers.get("x-amzn-requestid") ?? response.headers.get("x-amz-cf-id") ?? undefined;
  if (isErrorBody(body)) {
    const { error, message, details = [], requestId = "" } = body;
    const reference = requestId === "" ? onTheWay : requestId;
    return new ApiError(response.status, error, message, details, reference, wait);
  }
  const message = `The service answered with status ${response.status}`;
  return new ApiError(response.status, "Unknown", message, [], onTheWay, wait);
}

import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { createQueryClient } from "../app/queryClient";
import { errorOf } from "./answers";
import { ApiError, NetworkError } from "./errors";
import { every } from "./polling";

const answer = (headers: Record<string, string> = {}, status = 429) =>
  new Response(null, { status, headers });
const SAID = { error: "TooManyRequests", message: "Too many", details: [], requestId: "req-1" };

test.each([
  [SAID, {}, "req-1"],
  // The web ACL answers in the API's shape, and knows no request of the API's.
  [{ ...SAID, requestId: "" }, {}, undefined],
  [{ ...SAID, requestId: "" }, { "x-amz-cf-id": "edge-1" }, "edge-1"],
  ["<html>", { "x-amz-cf-id": "edge-1" }, "edge-1"],
  ["<html>", { "x-amzn-requestid": "gateway-1", "x-amz-cf-id": "edge-1" }, "gateway-1"],
  [{ error: "Error", message: "from Cloudfront" }, {}, undefined],
])("%j with %j has the reference %s", (body, headers, reference) => {
  expect(errorOf(answer(headers), body).requestId).toBe(reference);
});

const refused = (seconds?: number, status = 503) =>
  new ApiError(status, "ServiceUnavailable", "busy", [], undefined, seconds);

test.each([
  [refused(), true],
  [refused(2), true],
  [refused(300), false],
  [refused(undefined, 404), false],
  [new NetworkError(), true],
])("%o is tried again behind a skeleton: %s", (error, expected) => {
  const client: QueryClient = createQueryClient();
  const { retry } = client.getDefaultOptions().queries ?? {};
  if (typeof retry !== "function") throw new Error("no rule for retries");
  expect(retry(0, error)).toBe(expected);
  expect(retry(2, error)).toBe(false);
});

test("rounds wait as long as the API asks for", () => {
  const rounds = every(10_000);
  expect(rounds({ state: { error: null } })).toBe(10_000);
  expect(rounds({ state: { error: refused(300) } })).toBe(300_000);
  expect(rounds({ state: { error: refused(1) } })).toBe(10_000);
});

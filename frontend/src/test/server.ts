import { http, HttpResponse, type DefaultBodyType, type StrictRequest } from "msw";
import { setupServer } from "msw/node";
import type { paths } from "../api/schema";

/** The API that tests talk to: no handler answers until a test gives one, and others are errors. */
export const server = setupServer();

const BASE = "https://site.example/api";
type Method = "get" | "post" | "put" | "delete";
type Operation<Path extends keyof paths, M extends Method> = NonNullable<paths[Path][M]>;
type Responses<Op> = Op extends { responses: infer R } ? R : never;
type BodyOf<R> = R extends { content: { "application/json": infer B } } ? B : null;
type Statuses<Op> = Extract<keyof Responses<Op>, number>;

/** One answer of an operation: its status and body agree with the API's document. */
export type Answer<Op> = {
  [Status in Statuses<Op>]: {
    status: Status;
    body: BodyOf<Responses<Op>[Status]>;
    headers?: Record<string, string>;
  };
}[Statuses<Op>];

export interface Seen {
  request: StrictRequest<DefaultBodyType>;
  url: URL;
  params: Record<string, string>;
}

/**
 * Answers one operation, typed by the API's document:
 * `on("get", "/feedback", () => ({ status: 200, body: page }))`. "lost" is a broken connection.
 */
export function on<M extends Method, Path extends keyof paths>(
  method: M,
  path: Path,
  answer: (
    seen: Seen,
  ) => Answer<Operation<Path, M>> | "lost" | Promise<Answer<Operation<Path, M>> | "lost">,
): void {
  const pattern = BASE + path.replace(/\{(\w+)\}/g, ":$1");
  server.use(
    http[method](pattern, async ({ request, params }) => {
      const given = await answer({
        request,
        url: new URL(request.url),
        params: params as Record<string, string>,
      });
      if (given === "lost") return HttpResponse.error();
      const {
        status,
        body,
        headers = {},
      } = given as {
        status: number;
        body: DefaultBodyType;
        headers?: Record<string, string>;
      };
      if (body === null) return new HttpResponse(null, { status, headers });
      return HttpResponse.json(body, { status, headers });
    }),
  );
}

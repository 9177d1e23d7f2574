import createClient, { type Client, type Middleware } from "openapi-fetch";
import { errorOf } from "./answers";
import { ApiError, NetworkError } from "./errors";
import type { paths } from "./schema";

export type Api = Client<paths>;

// API Gateway answers 504 after 29 seconds: whatever takes longer is lost.
const TIMEOUT_MS = 35_000;

const words: Middleware = {
  onError({ error, request }) {
    // Who gave up himself is not told that the network did.
    return request.signal.aborted ? undefined : new NetworkError({ cause: error });
  },
};

/** A client of the API, typed by its document. `baseUrl` is that of /config.json. */
export function createApi(baseUrl: string): Api {
  const api = createClient<paths>({
    baseUrl: new URL(baseUrl, window.location.origin).href.replace(/\/$/, ""),
    fetch: async (request) => {
      // What cannot succeed is not tried: it would only fill the console with errors.
      if (!navigator.onLine) throw new TypeError("There is no network");
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      return fetch(request, { signal });
    },
  });
  api.use(words);
  return api;
}

interface Result<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The answer with its headers; throws ApiError for any other than 2xx, NetworkError for none. */
export async function answer<Data>(
  call: Promise<Result<Data>>,
): Promise<{ data: Data; response: Response }> {
  let result: Result<Data>;
  try {
    result = await call;
  } catch (error) {
    // What is no JSON is no answer of the API's.
    if (error instanceof SyntaxError)
      throw new ApiError(502, "Unknown", "The service's answer could not be read");
    throw error;
  }
  if (!result.response.ok) throw errorOf(result.response, result.error);
  return { data: result.data as Data, response: result.response };
}

/** The body of the answer: `const page = await body(api.GET("/feedback"))`. */
export async function body<Data>(call: Promise<Result<Data>>): Promise<Data> {
  return (await answer(call)).data;
}

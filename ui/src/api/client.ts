import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, networkError } from "./problem.ts";
import { reportReached } from "./reachability.ts";
import type { paths } from "./schema.gen.ts";
import type { Problem } from "./types.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

const middleware: Middleware = {
  onRequest({ request }) {
    // A foreign site can't set this header without a preflight that the server refuses.
    if (!SAFE_METHODS.has(request.method)) request.headers.set("X-Tacho-CSRF", "1");
    return request;
  },
  onResponse() {
    reportReached(true);
  },
  onError({ error }) {
    // A question that the page itself withdrew says nothing about the server.
    if (error instanceof Error && error.name === "AbortError") return;
    reportReached(false);
    return networkError();
  },
};

// `fetch` and the origin are looked up at call time, so that tests can stand in for both.
export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});
client.use(middleware);

interface Outcome {
  data?: unknown;
  error?: unknown;
  response: Response;
}

function problemOf(error: unknown, response: Response): ApiError {
  const problem = typeof error === "object" && error !== null ? (error as Partial<Problem>) : {};
  return new ApiError({
    request_id: response.headers.get("x-request-id") ?? undefined,
    detail: `The server answered ${response.status} and gave no reason. Try again; if it stays, look at the server's log.`,
    ...problem,
    status: response.status,
    title: problem.title ?? `Error ${response.status}`,
  });
}

/** The body of a successful answer, or an `ApiError`. `T` is the solid form of what the path answers. */
export async function unwrap<T>(pending: Promise<Outcome>): Promise<T> {
  const { data, error, response } = await pending;
  if (!response.ok) throw problemOf(error, response);
  return data as T;
}

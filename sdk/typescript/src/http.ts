/** One request to the server, and what its answer says. */
import { TachoError } from "./errors.ts";
import { retryAfterMs } from "./retry.ts";

/** Bodies below this are sent as they are. */
const GZIP_BYTES_MIN = 1024;

/** Where the server is and how it is spoken to. */
export interface Connection {
  /** Its address, such as `http://127.0.0.1:8080`. */
  url: string;
  /** An API key; without it, the browser's session. */
  apiKey: string | undefined;
  /** After which a request is given up, in milliseconds. */
  timeoutMs: number;
}

/** What to ask for. */
export interface Request {
  method: "GET" | "POST";
  path: string;
  body?: { text: string; type: string };
  /** Whether the server takes this body as gzip. */
  gzip?: boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/**
 * The JSON of a good answer.
 * @throws TachoError for every other.
 */
export async function ask<Answer>(connection: Connection, request: Request): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json", ...request.headers };
  if (connection.apiKey !== undefined) headers.authorization = `Bearer ${connection.apiKey}`;
  // Needed with a browser's session; a foreign site can't set it.
  else if (request.method !== "GET") headers["x-tacho-csrf"] = "1";
  let body: BodyInit | null = null;
  if (request.body !== undefined) {
    headers["content-type"] = request.body.type;
    body = request.body.text;
    if (request.gzip === true && body.length >= GZIP_BYTES_MIN) {
      body = await gzip(body);
      headers["content-encoding"] = "gzip";
    }
  }
  const timeout = AbortSignal.timeout(connection.timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  let response: Response;
  let text: string;
  try {
    // A redirect would lead a POST and its key elsewhere.
    response = await fetch(connection.url + request.path, {
      method: request.method,
      headers,
      body,
      signal,
      redirect: "manual",
    });
    text = await response.text();
  } catch (cause) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw timeout.aborted
      ? new TachoError("timeout", `The server did not answer within ${connection.timeoutMs} ms.`, { cause })
      : new TachoError("network", "The server can't be reached.", { cause });
  }
  const json = parsed(text);
  if (response.ok) {
    if (json !== undefined) return json as Answer;
    throw new TachoError("not_tacho", "What answers at this address is not Tacho. Check the url.", { status: 404 });
  }
  throw problemOf(response, json);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(response: Response, json: unknown): TachoError {
  const problem = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const word = (name: string) => (typeof problem[name] === "string" ? problem[name] : null);
  return new TachoError(word("code") ?? "http", word("detail") ?? `The server answered HTTP ${response.status}.`, {
    status: response.status,
    pointer: word("pointer"),
    requestId: word("request_id") ?? response.headers.get("x-request-id"),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
  });
}

async function gzip(text: string): Promise<ArrayBuffer> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

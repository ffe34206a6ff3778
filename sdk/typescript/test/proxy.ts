/** A way to the server that can be made bad. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request. `lose`: the server gets it, its answer is lost. `drop`: it never gets there. */
export type Fate =
  | "pass"
  | "drop"
  | "lose"
  | "hang"
  | { status: number; headers?: Record<string, string>; body?: string };

/** A request that came by. */
export interface Seen {
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
  at: number;
}

export interface Way {
  url: string;
  /** What came by, in order. */
  seen: Seen[];
  /** The fates of the next requests; `otherwise` that of those after them. */
  fates: Fate[];
  otherwise: Fate;
  close(): Promise<void>;
}

export async function startProxy(target: string, fates: Fate[] = []): Promise<Way> {
  const proxy: Way = { url: "", seen: [], fates, otherwise: "pass", close: async () => {} };
  const server = createServer((request, response) => {
    void handle(request, response);
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    proxy.seen.push({ path: request.url ?? "", headers: request.headers, body, at: Date.now() });
    const fate = proxy.fates.shift() ?? proxy.otherwise;
    if (fate === "hang") return;
    if (fate === "drop") {
      response.destroy();
      return;
    }
    if (typeof fate === "object") {
      response.writeHead(fate.status, fate.headers).end(fate.body ?? "");
      return;
    }
    const { host: _, connection: __, "content-length": ___, "transfer-encoding": ____, ...headers } = request.headers;
    const answer = await fetch(target + request.url, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      body: body.length > 0 ? new Uint8Array(body) : null,
    });
    const text = await answer.text();
    if (fate === "lose") {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" }).end(text);
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.close = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return proxy;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { MockApi, type Variant } from "../mock/answer.ts";

const COOKIE = /(?:^|;\s*)tacho_mock=([\w-]+)/;
const SWITCH = /^\/__mock\/([\w-]+)/;

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

/**
 * Answers /api from `mock/` in `npm run dev:mock`. Opening /__mock/<variant> (full, empty, error, degraded, setup,
 * viewer, slow, signed-out; reset starts all anew) chooses what kind of server it plays, per browser.
 */
export function mockApi(): Plugin {
  const servers = new Map<string, MockApi>();
  const middleware: Connect.NextHandleFunction = (request: IncomingMessage, response: ServerResponse, next) => {
    const url = request.url ?? "/";
    const chosen = SWITCH.exec(url)?.[1];
    if (chosen) {
      if (chosen === "reset") servers.clear();
      response.writeHead(302, { location: "/", "set-cookie": `tacho_mock=${chosen}; Path=/` }).end();
      return;
    }
    if (!url.startsWith("/api/")) return next();
    const variant = COOKIE.exec(request.headers.cookie ?? "")?.[1] ?? "full";
    const server = servers.get(variant) ?? new MockApi({ variant: variant as Variant });
    servers.set(variant, server);
    void (async () => {
      const method = request.method ?? "GET";
      const body = method === "GET" ? undefined : (await readBody(request)) || undefined;
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
      const answer = await server.answer(new Request(`http://mock${url}`, { method, headers, body }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    })().catch(next);
  };
  return {
    name: "tacho:mock-api",
    configureServer: (server) => void server.middlewares.use(middleware),
    configurePreviewServer: (server) => void server.middlewares.use(middleware),
  };
}

/** A real server for all tests, on a free port with a folder of its own. TACHO_BIN names the binary. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** May send and read. */
    key: string;
    /** May read what the member `m-1` owns. */
    memberKey: string;
  }
}

const START_MS_MAX = 60_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = process.env.TACHO_BIN;
  if (binary === undefined) throw new Error("Set TACHO_BIN to the tacho binary, or run `make test-sdk`.");
  const tacho = resolve(binary);
  const folder = await mkdtemp(join(tmpdir(), "tacho-sdk-"));
  // The settings of whoever runs the tests are not the server's.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("TACHO_"));
  const env = {
    ...Object.fromEntries(others),
    TACHO_DATA_DIR: folder,
    TACHO_LOG__LEVEL: "warn",
    // Tests ask faster than people.
    TACHO_QUERY__REQUESTS_PER_MINUTE: "0",
  };
  const run = (args: string[], input = "") => execFileSync(tacho, args, { env, input, encoding: "utf8" }).trim();

  run(["org", "create", "Acme", "--timezone", "Europe/Berlin"]);
  const password = `${crypto.randomUUID()}\n`;
  run(["user", "create", "mia@acme.example", "--org", "Acme", "--role", "member", "--password-stdin"], password);
  const key = run(["key", "create", "--org", "Acme", "--scope", "ingest", "--scope", "read"]);
  const memberKey = run(["key", "create", "--org", "Acme", "--scope", "read", "--user", "mia@acme.example"]);

  const server = spawn(tacho, ["serve", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "ignore", "inherit"] });
  try {
    project.provide("url", await addressOf(server, folder));
  } catch (error) {
    server.kill();
    throw error;
  }
  project.provide("key", key);
  project.provide("memberKey", memberKey);

  return async () => {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
}

async function addressOf(server: ChildProcess, folder: string): Promise<string> {
  for (const until = Date.now() + START_MS_MAX; Date.now() < until; await sleep(50)) {
    if (server.exitCode !== null) throw new Error("The server has ended.");
    try {
      const { url }: { url: string } = JSON.parse(await readFile(join(folder, "server.json"), "utf8"));
      if ((await fetch(`${url}/readyz`)).ok) return url;
    } catch {
      // Not yet.
    }
  }
  throw new Error("The server does not get ready.");
}

/** A real server with a folder of its own. TACHO_BIN names the binary. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS_MAX = 60_000;

export class TachoServer {
  readonly #binary: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | null = null;

  private constructor(binary: string, folder: string) {
    this.#binary = binary;
    this.#folder = folder;
    // The settings of whoever runs the tests are not the server's.
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith("TACHO_"));
    this.#env = {
      ...Object.fromEntries(others),
      TACHO_DATA_DIR: folder,
      TACHO_LOG__LEVEL: "warn",
      // Tests ask faster than people.
      TACHO_QUERY__REQUESTS_PER_MINUTE: "0",
    };
  }

  static async create(): Promise<TachoServer> {
    const binary = process.env.TACHO_BIN;
    if (binary === undefined) throw new Error("Set TACHO_BIN to the tacho binary, or run `make test-sdk`.");
    return new TachoServer(resolve(binary), await mkdtemp(join(tmpdir(), "tacho-sdk-")));
  }

  /** Runs a command on its folder. What it prints. */
  run(args: string[], input = ""): string {
    return execFileSync(this.#binary, args, { env: this.#env, input, encoding: "utf8" }).trim();
  }

  /** Serves; by default on a free port. Where it is reached. */
  async start(listen = "127.0.0.1:0"): Promise<string> {
    await rm(join(this.#folder, "server.json"), { force: true });
    const server = spawn(this.#binary, ["serve", "--listen", listen], {
      env: this.#env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#process = server;
    for (const until = Date.now() + START_MS_MAX; Date.now() < until; await sleep(50)) {
      if (server.exitCode !== null) throw new Error("The server has ended.");
      try {
        const { url }: { url: string } = JSON.parse(await readFile(join(this.#folder, "server.json"), "utf8"));
        if ((await fetch(`${url}/readyz`)).ok) return url;
      } catch {
        // Not yet.
      }
    }
    await this.stop();
    throw new Error("The server does not get ready.");
  }

  /** Ends it in order, or at once. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const server = this.#process;
    this.#process = null;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((done) => server.once("exit", done));
    server.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * A folder where batches wait until the server has them. For Node.
 *
 * ```text
 * <folder>/<server and key>/<time>-<chance>.batch   waiting, oldest first
 *                           rejected/…              refused for good: the batch, and beside it why
 *                           damaged/…               what was not what had been written
 * ```
 * A batch is a line of JSON (format, Idempotency-Key, SHA-256 of the rest) and a record a line. A file appears whole or not
 * at all: written aside, synced, renamed, folder synced. Two processes may share a folder: what both of them send counts
 * once. `sdk/python` writes the same files.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Batch, Spool, StoredBatch } from "./batch.ts";

const FORMAT = 1;
const WAITING = ".batch";
const ASIDE = ".part";
/** Half-written files of a killed process are removed when they are older than this. */
const ASIDE_MS_MAX = 3_600_000;

export interface FolderSpoolOptions {
  /** The folder; made if it is not there. */
  folder: string;
  /** Bytes that may wait in it; more is refused. 64 MiB. */
  bytesMax?: number;
}

export class FolderSpool implements Spool {
  readonly #root: string;
  readonly #bytesMax: number;
  #folder = "";
  #bytes = 0;
  #last = 0;

  constructor(options: FolderSpoolOptions) {
    this.#root = options.folder;
    this.#bytesMax = options.bytesMax ?? 64 * 1024 * 1024;
  }

  async open(owner: string): Promise<StoredBatch[]> {
    // The key decides whose records they are: what waits under one never goes out under another.
    this.#folder = join(this.#root, digest(owner).slice(0, 32));
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const waiting: StoredBatch[] = [];
    for (const name of (await readdir(this.#folder)).sort()) {
      const path = join(this.#folder, name);
      if (name.endsWith(ASIDE)) await removeIfOld(path);
      if (!name.endsWith(WAITING)) continue;
      const bytes = await sizeOf(path);
      if (bytes === null) continue;
      this.#bytes += bytes;
      waiting.push(this.#stored(name, bytes));
    }
    return waiting;
  }

  async put(batch: Batch): Promise<StoredBatch> {
    const body = batch.lines.join("\n");
    const head = JSON.stringify({
      tacho_spool: FORMAT,
      idempotency_key: batch.idempotencyKey,
      sha256: digest(body),
    });
    const content = Buffer.from(`${head}\n${body}`);
    if (this.#bytes + content.length > this.#bytesMax) throw new Error(`${this.#bytesMax} bytes wait in it already.`);
    const name = `${this.#time()}-${randomBytes(4).toString("hex")}${WAITING}`;
    await writeDurably(this.#folder, name, content);
    this.#bytes += content.length;
    return this.#stored(name, content.length);
  }

  /** Microseconds since 1970, never the same twice, in digits that sort. */
  #time(): string {
    this.#last = Math.max(Date.now() * 1000, this.#last + 1);
    return String(this.#last).padStart(17, "0");
  }

  #stored(name: string, bytes: number): StoredBatch {
    const path = join(this.#folder, name);
    const moveTo = async (place: string) => {
      const folder = join(this.#folder, place);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(path, join(folder, name));
      this.#bytes -= bytes;
      return folder;
    };
    return {
      load: async () => {
        let content: string;
        try {
          content = await readFile(path, "utf8");
        } catch (error) {
          if (isMissing(error)) return "gone";
          throw error;
        }
        const batch = parse(content);
        if (batch !== null) return batch;
        await moveTo("damaged");
        return "damaged";
      },
      remove: async () => {
        try {
          await unlink(path);
          this.#bytes -= bytes;
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      },
      reject: async (reason) => {
        const folder = await moveTo("rejected");
        await writeDurably(folder, `${name}.reason.txt`, Buffer.from(`${reason}\n`));
      },
    };
  }
}

function parse(content: string): Batch | null {
  const end = content.indexOf("\n");
  if (end < 0) return null;
  const body = content.slice(end + 1);
  try {
    const head: { tacho_spool?: unknown; idempotency_key?: unknown; sha256?: unknown } = JSON.parse(
      content.slice(0, end),
    );
    const { idempotency_key: idempotencyKey } = head;
    if (head.tacho_spool !== FORMAT || head.sha256 !== digest(body) || typeof idempotencyKey !== "string") return null;
    return { idempotencyKey, lines: body.split("\n") };
  } catch {
    return null;
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function writeDurably(folder: string, name: string, content: Uint8Array): Promise<void> {
  const aside = join(folder, `${name}${ASIDE}`);
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, join(folder, name));
    // So that the name is on the disk as well. Windows knows no such thing.
    if (process.platform !== "win32") {
      const entry = await open(folder, "r");
      await entry.sync().finally(() => entry.close());
    }
  } catch (error) {
    await unlink(aside).catch(() => {});
    throw error;
  }
}

async function removeIfOld(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ASIDE_MS_MAX) await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

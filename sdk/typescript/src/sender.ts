/** Gathers records into batches, keeps them until the server has them, and sends them in order. */
import type { Batch, Spool, StoredBatch } from "./batch.ts";
import { TachoError } from "./errors.ts";
import { ask, type Connection } from "./http.ts";
import { meaningOf, type RetryTimes, waitMs } from "./retry.ts";
import type { components } from "./wire.gen.ts";

/** What became of a request of records. */
export type IngestAnswer = components["schemas"]["IngestAnswer"];

/** A record that the server refused. It keeps it as a dead letter. */
export interface Rejected {
  /** The record, as it was sent. */
  record: unknown;
  /** Why: a stable word. */
  code: string;
  /** Why and what to do. */
  message: string;
  /** JSON pointer to the field at fault. */
  pointer: string | null;
}

/** How records are gathered and sent. */
export interface SenderOptions {
  /** Records of a batch, at most. */
  batchRecordsMax: number;
  /** Bytes of a batch, at most. */
  batchBytesMax: number;
  /** How long a record waits for others at most, in milliseconds. */
  batchWaitMs: number;
  /** Records that may wait in memory. */
  queueRecordsMax: number;
  /** Bytes that may wait in memory. */
  queueBytesMax: number;
  /** How long to wait between attempts. */
  retry: RetryTimes;
  /** After which a batch without a spool is given up, in milliseconds. */
  giveUpAfterMs: number;
  /** Where batches wait until the server has them. */
  spool: Spool | undefined;
  /** Called for each record that the server refused. */
  onRejected: (rejected: Rejected) => void;
  /** Called when an attempt fails, or records are lost. `lost` says how many were. */
  onError: (error: TachoError, lost: number) => void;
}

/** A batch that is being filled, or waits in memory. */
interface Filling {
  batch: Batch & { lines: string[] };
  bytes: number;
  safe: Promise<void>;
  resolve: () => void;
  reject: (error: TachoError) => void;
}

/** A batch whose turn comes. */
interface Waiting {
  load: StoredBatch["load"];
  stored: StoredBatch | null;
  filling: Filling | null;
  since: number;
}

const encoder = new TextEncoder();

export class Sender {
  readonly #connection: Connection;
  readonly #options: SenderOptions;
  readonly #closing = new AbortController();
  #open: Filling | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #records = 0;
  #bytes = 0;
  #outbox: Waiting[] = [];
  #working = false;
  /** What was spooled before, and puts under way: one after the other, so that files keep their order. */
  #spooling: Promise<void>;
  #spoolIsOpen = false;
  #idle: (() => void)[] = [];
  #isClosed = false;

  constructor(connection: Connection, options: SenderOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#spooling = this.#openSpool();
  }

  async #openSpool(): Promise<void> {
    const { spool } = this.#options;
    if (spool === undefined) return;
    try {
      const left = await spool.open(`${this.#connection.url}\n${this.#connection.apiKey ?? ""}`);
      this.#spoolIsOpen = true;
      for (const stored of left) this.#enqueue({ load: () => stored.load(), stored, filling: null, since: Date.now() });
    } catch (cause) {
      this.#report(new TachoError("spool", "The spool can't be opened; records wait in memory only.", { cause }), 0);
    }
  }

  /** Takes records over. Settles when all of them are safe: on this disk if there is a spool, else with the server. */
  add(records: readonly unknown[]): Promise<void> {
    const safe = this.#add(records);
    // Those who do not wait for it learn of a failure from onError.
    safe.catch(() => {});
    return safe;
  }

  async #add(records: readonly unknown[]): Promise<void> {
    if (this.#isClosed) throw new TachoError("closed", "This client is closed.");
    const lines = records.map((record) => {
      const text: string | undefined = JSON.stringify(record);
      return text ?? "null";
    });
    const sizes = lines.map((line) => encoder.encode(line).length + 1);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const { queueRecordsMax, queueBytesMax, batchRecordsMax, batchBytesMax } = this.#options;
    if (this.#records + lines.length > queueRecordsMax || this.#bytes + bytes > queueBytesMax) {
      const error = new TachoError("queue_full", "Too many records wait for the server. Send them again later.");
      this.#report(error, lines.length);
      throw error;
    }
    this.#records += lines.length;
    this.#bytes += bytes;
    const touched = new Set<Filling>();
    lines.forEach((line, index) => {
      const size = sizes[index] ?? 0;
      if (this.#open !== null && this.#open.bytes + size > batchBytesMax) this.seal();
      this.#open ??= this.#begin();
      this.#open.batch.lines.push(line);
      this.#open.bytes += size;
      touched.add(this.#open);
      if (this.#open.batch.lines.length >= batchRecordsMax || this.#open.bytes >= batchBytesMax) this.seal();
    });
    await Promise.all([...touched].map((filling) => filling.safe));
  }

  #begin(): Filling {
    let resolve = () => {};
    let reject = (_: TachoError) => {};
    const safe = new Promise<void>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    safe.catch(() => {});
    this.#timer = setTimeout(() => this.seal(), this.#options.batchWaitMs);
    return { batch: { idempotencyKey: crypto.randomUUID(), lines: [] }, bytes: 0, safe, resolve, reject };
  }

  /** Ends the batch that is being filled and gives it its turn. */
  seal(): void {
    const filling = this.#open;
    if (filling === null) return;
    clearTimeout(this.#timer);
    this.#open = null;
    if (this.#options.spool === undefined) this.#enqueue(this.#inMemory(filling));
    else this.#spooling = this.#spooling.then(() => this.#store(filling));
  }

  async #store(filling: Filling): Promise<void> {
    const { spool } = this.#options;
    if (spool === undefined || !this.#spoolIsOpen) {
      this.#enqueue(this.#inMemory(filling));
      return;
    }
    try {
      const stored = await spool.put(filling.batch);
      this.#release(filling);
      filling.resolve();
      this.#enqueue({ load: () => stored.load(), stored, filling: null, since: Date.now() });
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#report(new TachoError("spool", `The spool takes nothing: ${text} Records wait in memory.`, { cause }), 0);
      this.#enqueue(this.#inMemory(filling));
    }
  }

  #inMemory(filling: Filling): Waiting {
    return { load: async () => filling.batch, stored: null, filling, since: Date.now() };
  }

  #release(filling: Filling): void {
    this.#records -= filling.batch.lines.length;
    this.#bytes -= filling.bytes;
  }

  #enqueue(waiting: Waiting): void {
    this.#outbox.push(waiting);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#outbox[0]; next !== undefined && !this.#closing.signal.aborted; next = this.#outbox[0]) {
      if (!(await this.#deliver(next))) break;
      this.#outbox.shift();
    }
    this.#working = false;
    for (const wake of this.#idle.splice(0)) wake();
  }

  /** Whether its turn is over: it was taken, refused or given up. It is not when this client closes meanwhile. */
  async #deliver(waiting: Waiting): Promise<boolean> {
    const batch = await this.#load(waiting);
    if (batch === null) return true;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#attempt(batch);
      if (!(outcome instanceof TachoError)) {
        this.#tellRejected(batch, outcome);
        if (waiting.filling !== null) {
          this.#release(waiting.filling);
          waiting.filling.resolve();
        }
        await this.#quietly(waiting.stored?.remove());
        return true;
      }
      if (this.#closing.signal.aborted) return false;
      if (this.#isHopeless(waiting, outcome)) {
        this.#lose(waiting, batch.lines.length, outcome);
        await this.#quietly(waiting.stored?.reject(outcome.message));
        return true;
      }
      this.#report(outcome, 0);
      const isSetup = meaningOf(outcome.status) === "setup";
      const { retry } = this.#options;
      await this.#pause(
        isSetup ? retry.maxMs : waitMs(retry, failures, outcome.retryAfterMs, Math.random()),
        waiting.stored === null,
      );
      if (this.#closing.signal.aborted) return false;
    }
  }

  /** What is to be sent. Null if there is nothing, or it can't be read now; then the next start tries again. */
  async #load(waiting: Waiting): Promise<Batch | null> {
    try {
      const batch = await waiting.load();
      if (batch === "gone") return null;
      if (batch !== "damaged") return batch;
      this.#report(new TachoError("spool", "A file of the spool is damaged and was set aside."), 0);
    } catch (cause) {
      this.#report(new TachoError("spool", "A file of the spool can't be read.", { cause }), 0);
    }
    return null;
  }

  #isHopeless(waiting: Waiting, error: TachoError): boolean {
    const meaning = meaningOf(error.status);
    if (meaning === "final") return true;
    if (waiting.stored !== null) return false;
    return meaning === "setup" || Date.now() - waiting.since >= this.#options.giveUpAfterMs;
  }

  async #attempt(batch: Batch): Promise<IngestAnswer | TachoError> {
    try {
      return await ask<IngestAnswer>(this.#connection, {
        method: "POST",
        path: "/api/v1/records",
        body: { text: batch.lines.join("\n"), type: "application/x-ndjson" },
        gzip: true,
        headers: { "idempotency-key": batch.idempotencyKey },
        signal: this.#closing.signal,
      });
    } catch (error) {
      if (error instanceof TachoError) return error;
      return new TachoError("closed", "This client was closed meanwhile.", { cause: error });
    }
  }

  #tellRejected(batch: Batch, answer: IngestAnswer): void {
    for (const { index, code, message, pointer } of answer.rejected) {
      const line = batch.lines[index];
      const record: unknown = line === undefined ? null : JSON.parse(line);
      try {
        this.#options.onRejected({ record, code, message, pointer: pointer ?? null });
      } catch {
        // A fault in the callback must not stop the records behind it.
      }
    }
  }

  #lose(waiting: Waiting, lost: number, error: TachoError): void {
    if (waiting.filling !== null) {
      this.#release(waiting.filling);
      waiting.filling.reject(error);
    }
    this.#report(error, lost);
  }

  #report(error: TachoError, lost: number): void {
    try {
      this.#options.onError(error, lost);
    } catch {
      // As above.
    }
  }

  async #quietly(work: Promise<void> | undefined): Promise<void> {
    try {
      await work;
    } catch (cause) {
      this.#report(
        new TachoError("spool", "A file of the spool can't be removed; it will be sent again.", { cause }),
        0,
      );
    }
  }

  /** Waits. What lies on the disk does not keep a process alive meanwhile; what lies in memory does. */
  #pause(ms: number, keepsAlive: boolean): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing;
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      if (!keepsAlive) (timer as Partial<NodeJS.Timeout>).unref?.();
    });
  }

  /** Waits until nothing waits any more, or the time is up. Whether nothing does. */
  async flush(timeoutMs: number): Promise<boolean> {
    const until = Date.now() + timeoutMs;
    this.seal();
    await this.#within(this.#spooling, until);
    while (this.#outbox.length > 0 && Date.now() < until) {
      await this.#within(new Promise<void>((resolve) => this.#idle.push(resolve)), until);
    }
    return this.#outbox.length === 0;
  }

  async #within(work: Promise<void>, until: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, until - Date.now()));
    });
    await Promise.race([work, timeUp]);
    clearTimeout(timer);
  }

  /** Flushes and ends. What is in the spool stays there; what is in memory only is lost and reported. */
  async close(timeoutMs: number): Promise<boolean> {
    this.#isClosed = true;
    const isEmpty = await this.flush(timeoutMs);
    this.#closing.abort();
    const error = new TachoError("closed", "The client was closed before the server had these records.");
    for (const waiting of this.#outbox.splice(0)) {
      if (waiting.filling !== null) this.#lose(waiting, waiting.filling.batch.lines.length, error);
    }
    return isEmpty;
  }
}

/** The client: sends records, and asks for numbers. Runs in Node and, but for the spool, in browsers. */
import type { Spool } from "./batch.ts";
import { TachoError } from "./errors.ts";
import { Execution, type ExecutionStart } from "./execution.ts";
import { ask, type Connection } from "./http.ts";
import type { Answer, BatchAnswer, Model, Query } from "./query.ts";
import type { TachoRecord } from "./records.ts";
import { meaningOf, type RetryTimes, waitMs } from "./retry.ts";
import { type Rejected, Sender } from "./sender.ts";

export type { Batch, Spool, StoredBatch } from "./batch.ts";
export { TachoError } from "./errors.ts";
export type { Execution, ExecutionMore, ExecutionStart } from "./execution.ts";
export * from "./live/index.ts";
export type { Sources } from "./names.gen.ts";
export {
  type Answer,
  type BatchAnswer,
  type Cell,
  type Dimension,
  type Field,
  type Filter,
  isAnswer,
  type Measure,
  type Model,
  type Problem,
  type Query,
  type Row,
  rowsOf,
  type Source,
  totalsOf,
} from "./query.ts";
export type * from "./records.ts";
export type { RetryTimes } from "./retry.ts";
export type { IngestAnswer, Rejected } from "./sender.ts";

/** How the client works. All but `url` have a default. */
export interface TachoOptions {
  /** Where Tacho is, such as `http://127.0.0.1:8080`. */
  url: string;
  /** An API key (`tacho_…`). In a browser on Tacho's own origin it can be left out: the session is used. */
  apiKey?: string;
  /** After which a request is given up, in milliseconds. 30 seconds. */
  timeoutMs?: number;
  /** Records of a batch, at most. 1,000. */
  batchRecordsMax?: number;
  /** Bytes of a batch, at most. 1 MiB. */
  batchBytesMax?: number;
  /** How long a record waits for others at most, in milliseconds. 500. */
  batchWaitMs?: number;
  /** Records that may wait in memory; `send` refuses more. 50,000. */
  queueRecordsMax?: number;
  /** Bytes that may wait in memory; `send` refuses more. 32 MiB. */
  queueBytesMax?: number;
  /** How long to wait between attempts. From 200 ms, doubled, to 30 seconds. A Retry-After of the server counts. */
  retry?: Partial<RetryTimes>;
  /** After which records are given up that are in memory only, in milliseconds. 10 minutes. */
  giveUpAfterMs?: number;
  /** Attempts to ask one question, where the server is busy. 3. */
  queryAttempts?: number;
  /** A folder where records wait until the server has them: `new FolderSpool(…)` of `@tacho/client/spool`. */
  spool?: Spool;
  /** Called for each record that the server refused. */
  onRejected?: (rejected: Rejected) => void;
  /** Called when an attempt to send fails; `lost` says how many records are lost by it, mostly 0. */
  onError?: (error: TachoError, lost: number) => void;
}

/** How one question is asked. */
export interface AskOptions {
  /** Whether the answer is worked out now, rather than taken from those kept. */
  fresh?: boolean;
  /** Withdraws the question. */
  signal?: AbortSignal;
}

const CLOSE_MS = 5_000;
const FLUSH_MS = 60_000;
/** A question is not kept waiting longer than this by the server. */
const QUERY_WAIT_MS_MAX = 10_000;

export class Tacho {
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #retry: RetryTimes;
  readonly #queryAttempts: number;

  constructor(options: TachoOptions) {
    this.#connection = {
      url: options.url.replace(/\/+$/, ""),
      apiKey: options.apiKey,
      timeoutMs: options.timeoutMs ?? 30_000,
    };
    this.#retry = { firstMs: 200, maxMs: 30_000, ...options.retry };
    this.#queryAttempts = options.queryAttempts ?? 3;
    this.#sender = new Sender(this.#connection, {
      batchRecordsMax: options.batchRecordsMax ?? 1_000,
      batchBytesMax: options.batchBytesMax ?? 1024 * 1024,
      batchWaitMs: options.batchWaitMs ?? 500,
      queueRecordsMax: options.queueRecordsMax ?? 50_000,
      queueBytesMax: options.queueBytesMax ?? 32 * 1024 * 1024,
      retry: this.#retry,
      giveUpAfterMs: options.giveUpAfterMs ?? 600_000,
      spool: options.spool,
      onRejected: options.onRejected ?? (() => {}),
      onError: options.onError ?? (() => {}),
    });
  }

  /**
   * Takes records over, to be sent soon, together with others. Settles when they are safe: on this disk if there is a
   * spool, else acknowledged by the server. Need not be waited for.
   * @throws TachoError `queue_full` if too many wait; other codes if they were given up.
   */
  send(records: TachoRecord | readonly TachoRecord[]): Promise<void> {
    return this.#sender.add(Array.isArray(records) ? records : [records]);
  }

  /** Sends what waits and waits for that, at most this long. Whether nothing waits any more. */
  flush(timeoutMs: number = FLUSH_MS): Promise<boolean> {
    return this.#sender.flush(timeoutMs);
  }

  /**
   * Flushes, at most this long, and ends. What is not sent by then stays in the spool; without one it is lost, which
   * `onError` says. Whether everything was sent.
   */
  close(timeoutMs: number = CLOSE_MS): Promise<boolean> {
    return this.#sender.close(timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Begins a run. Its end is to be told with `succeed` or `fail`. */
  start(execution: ExecutionStart): Execution {
    return new Execution((record) => this.send(record), execution);
  }

  /** Reports a run around some work: begun, and ended well, or failed with the error that the work throws. */
  async track<Result>(execution: ExecutionStart, work: (run: Execution) => Promise<Result> | Result): Promise<Result> {
    const run = this.start(execution);
    try {
      const result = await work(run);
      void run.succeed();
      return result;
    } catch (error) {
      void run.fail(error);
      throw error;
    }
  }

  /**
   * Asks one question.
   * @throws TachoError if it can't be answered; `pointer` names the part at fault.
   */
  query<const Of extends Query>(query: Of, options: AskOptions = {}): Promise<Answer<Of>> {
    return this.#ask(query, options);
  }

  /** Asks several questions (at most 50), answered as of one moment. */
  queryBatch<const Of extends readonly Query[]>(queries: Of, options: AskOptions = {}): Promise<BatchAnswer<Of>> {
    return this.#ask({ queries }, options);
  }

  /** What can be asked. */
  model(options: Pick<AskOptions, "signal"> = {}): Promise<Model> {
    return this.#patiently(() =>
      ask(this.#connection, { method: "GET", path: "/api/v1/model", signal: options.signal }),
    );
  }

  #ask<Result>(body: unknown, options: AskOptions): Promise<Result> {
    return this.#patiently(() =>
      ask<Result>(this.#connection, {
        method: "POST",
        path: "/api/v1/query",
        body: { text: JSON.stringify(body), type: "application/json" },
        headers: options.fresh ? { "cache-control": "no-cache" } : {},
        signal: options.signal,
      }),
    );
  }

  /** Asking changes nothing, so that it can be tried again. */
  async #patiently<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof TachoError) || meaningOf(error.status) !== "later") throw error;
        const wait = waitMs(this.#retry, failures, error.retryAfterMs, Math.random());
        if (failures >= this.#queryAttempts || wait > QUERY_WAIT_MS_MAX) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

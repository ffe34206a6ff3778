/** One run, from its start to its end. */
import type { ExecutionRecord } from "./records.ts";

/** What is known of a run at its start. */
export type ExecutionStart = ExecutionMore & {
  /** What runs. */
  workflow_id: string;
  /** Made up if left out. */
  id?: string;
};

/** What is known of a run later. */
export type ExecutionMore = {
  [Field in Exclude<Known, "type" | "id" | "status">]?: ExecutionRecord[Field];
};

/** The fields that the type has, without those that records may have besides. */
type Known = keyof { [Field in keyof ExecutionRecord as string extends Field ? never : Field]: never };

const ERROR_TYPE_CHARS_MAX = 200;
const ERROR_MESSAGE_CHARS_MAX = 4_000;

/**
 * Reports the life of a run. Each report says everything that is known so far, under one id, so that any of them may be
 * lost or come twice.
 */
export class Execution {
  /** The run's id. */
  readonly id: string;
  readonly #send: (record: ExecutionRecord) => Promise<void>;
  #known: ExecutionRecord;
  #hasEnded = false;

  constructor(send: (record: ExecutionRecord) => Promise<void>, start: ExecutionStart) {
    this.#send = send;
    this.id = start.id ?? crypto.randomUUID();
    this.#known = { started_at: new Date(), ...start, type: "execution", id: this.id, status: "running" };
    void this.#tell({});
  }

  /** How far it is. Settles as `send` does. */
  progress(stepsCompleted: number, stepsTotal?: number, more: ExecutionMore = {}): Promise<void> {
    const total = stepsTotal === undefined ? {} : { steps_total: stepsTotal };
    return this.#tell({ steps_completed: stepsCompleted, ...total, ...more });
  }

  /** It has ended well. */
  succeed(more: ExecutionMore = {}): Promise<void> {
    return this.#end({ status: "success", ...more });
  }

  /** It has failed, timed out (an error named TimeoutError) or was withdrawn (AbortError). */
  fail(error: unknown, more: ExecutionMore = {}): Promise<void> {
    const name = error instanceof Error ? error.name : "Error";
    const message = error instanceof Error ? error.message : String(error);
    const status = name === "TimeoutError" ? "timeout" : name === "AbortError" ? "cancelled" : "failed";
    return this.#end({
      status,
      error_type: name.slice(0, ERROR_TYPE_CHARS_MAX),
      error_message: message.slice(0, ERROR_MESSAGE_CHARS_MAX),
      ...more,
    });
  }

  #end(more: Partial<ExecutionRecord>): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    const told = this.#tell({ completed_at: new Date(), ...more });
    this.#hasEnded = true;
    return told;
  }

  #tell(more: Partial<ExecutionRecord>): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    this.#known = { ...this.#known, ...more, updated_at: new Date() };
    return this.#send(this.#known);
  }
}

/** What went wrong. The one class of errors that this client throws. */
export class TachoError extends Error {
  override readonly name = "TachoError";
  /** The HTTP status; null if there was no answer. */
  readonly status: number | null;
  /** A stable word: the server's (`invalid_value`, `overloaded`, …), or `network`, `timeout`, `queue_full`, `closed`. */
  readonly code: string;
  /** JSON pointer to the field at fault. */
  readonly pointer: string | null;
  /** The id under which the server logged the request. */
  readonly requestId: string | null;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    more: {
      status?: number | null;
      pointer?: string | null;
      requestId?: string | null;
      retryAfterMs?: number | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.status = more.status ?? null;
    this.pointer = more.pointer ?? null;
    this.requestId = more.requestId ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

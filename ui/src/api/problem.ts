import type { Problem } from "./types.ts";

/** Why a request gave no answer. `network` means that the server was not reached at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | null;
  readonly pointer: string | null;

  constructor(problem: Partial<Problem> & { status: number; title: string }) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "unknown";
    this.title = problem.title;
    this.requestId = problem.request_id ?? null;
    this.pointer = problem.pointer ?? null;
  }
}

export const NETWORK_ERROR = "network";

export function networkError(): ApiError {
  return new ApiError({
    status: 0,
    code: NETWORK_ERROR,
    title: "Tacho can't be reached",
    detail: "Tacho can't be reached. Check the connection, and that the server is running.",
  });
}

/** Any thrown value as an `ApiError`, so that one error view serves all. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError({ status: 0, code: "page", title: "This page failed", detail });
}

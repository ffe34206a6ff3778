/** Every request the application makes, one function each. Nothing outside this folder knows a path. */
import { client, unwrap } from "./client.ts";
import type {
  ApiKey,
  BatchAnswer,
  CreatedKey,
  DeadLetterDetail,
  DeadLetterList,
  DeadLetterState,
  ExecutionDetail,
  ExecutionList,
  KeyScope,
  MendAnswer,
  Period,
  Query,
  Role,
  Session,
  SetupRequest,
  System,
  User,
} from "./types.ts";

export const getSession = () => unwrap<Session>(client.GET("/api/v1/session"));

export const signIn = (email: string, password: string) =>
  unwrap<Session>(client.POST("/api/v1/session", { body: { email, password } }));

export const signOut = () => unwrap<undefined>(client.DELETE("/api/v1/session"));

export const getSetup = () => unwrap<{ needed: boolean }>(client.GET("/api/v1/setup"));

export const setUp = (body: SetupRequest) => unwrap<Session>(client.POST("/api/v1/setup", { body }));

/** Answers to questions, all as of one moment. They lack at most what has changed in `maxAgeSeconds`; without it, in five. */
export const runQueries = (queries: Query[], signal?: AbortSignal, maxAgeSeconds?: number) =>
  unwrap<BatchAnswer>(
    client.POST("/api/v1/query", {
      body: { queries },
      signal,
      headers: maxAgeSeconds === undefined ? {} : { "Cache-Control": `max-age=${maxAgeSeconds}` },
    }),
  );

export interface ExecutionFilter {
  from?: string;
  to?: string;
  period?: Period;
  status?: string;
  workflow_id?: string;
  trigger_type?: string;
  search?: string;
  limit?: number;
}

export const listExecutions = (filter: ExecutionFilter, signal?: AbortSignal) =>
  unwrap<ExecutionList>(client.GET("/api/v1/executions", { params: { query: filter }, signal }));

export const getExecution = (id: string, attempt?: number, signal?: AbortSignal) =>
  unwrap<ExecutionDetail>(
    client.GET("/api/v1/executions/{id}", { params: { path: { id }, query: { attempt } }, signal }),
  );

export const getSystem = (signal?: AbortSignal) => unwrap<System>(client.GET("/api/v1/system", { signal }));

export const listDeadLetters = (state: DeadLetterState, limit: number, signal?: AbortSignal) =>
  unwrap<DeadLetterList>(client.GET("/api/v1/dead-letters", { params: { query: { state, limit } }, signal }));

export const getDeadLetter = (id: string) =>
  unwrap<DeadLetterDetail>(client.GET("/api/v1/dead-letters/{id}", { params: { path: { id } } }));

export const mendDeadLetter = (id: string, payload: string) =>
  unwrap<MendAnswer>(client.PUT("/api/v1/dead-letters/{id}", { params: { path: { id } }, body: { payload } }));

export const replayDeadLetter = (id: string, payload: string) =>
  unwrap<{ accepted: number }>(
    client.POST("/api/v1/dead-letters/{id}/replay", { params: { path: { id } }, body: { payload } }),
  );

export const discardDeadLetter = (id: string) =>
  unwrap<undefined>(client.DELETE("/api/v1/dead-letters/{id}", { params: { path: { id } } }));

export const listKeys = (signal?: AbortSignal) =>
  unwrap<{ keys: ApiKey[] }>(client.GET("/api/v1/keys", { signal })).then((answer) => answer.keys);

export const createKey = (name: string, scopes: KeyScope[], user_id: string | null) =>
  unwrap<CreatedKey>(client.POST("/api/v1/keys", { body: { name, scopes, user_id } }));

export const revokeKey = (id: string) =>
  unwrap<undefined>(client.DELETE("/api/v1/keys/{id}", { params: { path: { id } } }));

export const listUsers = (signal?: AbortSignal) =>
  unwrap<{ users: User[] }>(client.GET("/api/v1/users", { signal })).then((answer) => answer.users);

export const createUser = (body: { email: string; role: Role; password: string; name: string | null }) =>
  unwrap<User>(client.POST("/api/v1/users", { body }));

export const updateUser = (id: string, body: { role?: Role; is_active?: boolean }) =>
  unwrap<User>(client.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body }));

/**
 * The whole API as one function from request to response. The dev server (`npm run dev:mock`) and the tests
 * (through msw) both answer with it. Every body is typed by the generated schema, so a drift fails to compile.
 */
import type {
  ApiKey,
  BatchAnswer,
  CreatedKey,
  DeadLetter,
  DeadLetterDetail,
  DeadLetterList,
  Execution,
  ExecutionDetail,
  ExecutionList,
  FailureList,
  MendAnswer,
  Preferences,
  Problem,
  Query,
  Session,
  System,
  User,
} from "../src/api/types.ts";
import {
  makeCosts,
  makeExecutions,
  makeKeys,
  makeLetters,
  makeRecoveries,
  makeResources,
  makeSteps,
  makeSystem,
  makeUsers,
  SESSION,
} from "./data.ts";
import { answerQuery, rangeOf } from "./query.ts";
import { SettingsApi } from "./settings.ts";
import { workflowList, workflowNow } from "./workflows.ts";

export type Variant = "full" | "empty" | "error" | "degraded" | "setup" | "viewer" | "slow" | "signed-out";

function json<T>(body: T, status = 200): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "x-request-id": "req_mock" },
  });
}

let requests = 0;

export function problem(status: number, code: string, title: string, detail: string, pointer?: string): Response {
  requests += 1;
  const body: Problem = {
    type: `https://tacho.dev/problems/${code}`,
    title,
    status,
    code,
    detail,
    request_id: `01JD3Z9K7Q${String(requests).padStart(4, "0")}`,
    ...(pointer ? { pointer } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

/** One made-up server with its own state. `clock` is an argument, so that tests stand still. */
export class MockApi {
  variant: Variant;
  private readonly clock: () => number;
  private readonly executions: Execution[];
  private letters: DeadLetterDetail[];
  private keys: ApiKey[];
  private users: User[];
  private signedIn: boolean;
  private readonly settings = new SettingsApi();
  private preferences: Preferences = {
    default_period: "week",
    timezone: null,
    theme: "system",
    refresh_interval_seconds: 5,
    pinned_metrics: [],
    widget_arrangement: null,
    updated_at: null,
  };

  constructor({
    variant = "full",
    clock = Date.now,
    signedIn = true,
    days = 120,
  }: { variant?: Variant; clock?: () => number; signedIn?: boolean; days?: number } = {}) {
    const now = clock();
    this.variant = variant;
    this.clock = clock;
    this.signedIn = signedIn;
    this.executions = makeExecutions(now, days);
    this.letters = makeLetters(now);
    this.keys = makeKeys(now);
    this.users = makeUsers(now);
  }

  get widgetArrangement(): unknown {
    return this.preferences.widget_arrangement;
  }

  private session(): Session {
    if (this.variant !== "viewer") return SESSION;
    return { ...SESSION, user: { ...SESSION.user, role: "viewer" }, permissions: ["see_all"] };
  }

  private rows(): Execution[] {
    return this.variant === "empty" ? [] : this.executions;
  }

  async answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace(/^\/api\/v1/, "");
    const method = request.method;
    const body = async <T>() => (await request.json()) as T;
    if (method !== "GET" && request.headers.get("x-tacho-csrf") !== "1") {
      return problem(403, "csrf", "Refused", "Send the header X-Tacho-CSRF: 1 with every change.");
    }

    if (path === "/setup" && method === "GET") return json({ needed: this.variant === "setup" });
    if (path === "/setup") {
      const { token } = await body<{ token: string }>();
      if (token === "expired")
        return problem(410, "setup_link_expired", "Link expired", "This set-up link has been used or is too old.");
      this.variant = "empty";
      return json<Session>(SESSION, 201);
    }
    if (path === "/session") {
      if (method === "POST") {
        const { password } = await body<{ password: string }>();
        if (password === "wrong")
          return problem(
            401,
            "sign_in_failed",
            "Not signed in",
            "The e-mail or the password is not right. Check both and try again.",
          );
        this.signedIn = true;
        return json(this.session());
      }
      if (method === "DELETE") {
        this.signedIn = false;
        return json(null, 204);
      }
    }
    if (!this.signedIn || this.variant === "setup" || this.variant === "signed-out") {
      return problem(401, "not_signed_in", "Not signed in", "Sign in first.");
    }
    if (path === "/session") return json(this.session());
    if (path === "/preferences") {
      if (method === "PUT") this.preferences = { ...this.preferences, ...(await body<Partial<Preferences>>()) };
      return json(this.preferences);
    }
    if (this.variant === "slow") await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (this.variant === "error") {
      return problem(
        503,
        "store_unavailable",
        "The store does not answer",
        "The store is being reopened. Try again in a few seconds.",
      );
    }

    if (path === "/query") {
      const question = await body<{ queries: Query[] } | Query>();
      const now = this.clock();
      if (!("queries" in question)) return json(answerQuery(question, this.rows(), now));
      const { queries } = question;
      const answer: BatchAnswer = {
        answers: queries.map((query) => answerQuery(query, this.rows(), now)),
        as_of: new Date(now).toISOString(),
        as_of_lsn: 18_204_331,
      };
      return json(answer);
    }
    const settings = await this.settings.answer(path, method, searchParams, this.clock(), body);
    if (settings) return json(settings);
    if (path === "/executions") return json(this.list(searchParams));
    if (path === "/failures") return json(this.failures());
    if (path === "/detections") return json({ detections: [], next_cursor: null });
    if (path.startsWith("/executions/")) return this.detail(decodeURIComponent(path.slice(12)));
    if (path === "/workflows") return json(workflowList(this.rows(), new Date(this.clock()).toISOString()));
    if (path.startsWith("/workflows/")) {
      const id = decodeURIComponent(path.slice("/workflows/".length));
      const found = workflowNow(id, this.rows(), new Date(this.clock()).toISOString());
      return found
        ? json(found)
        : problem(404, "not_found", "Not found", "There is no such workflow. Check the address.");
    }
    if (path === "/system") return json(this.system());
    if (path.startsWith("/dead-letters")) return this.deadLetters(path, method, searchParams, body);
    if (path === "/keys" && method === "GET") return json({ keys: this.keys });
    if (path === "/keys") {
      const { name, scopes, user_id } = await body<{
        name: string;
        scopes: ApiKey["scopes"];
        user_id: string | null;
      }>();
      const key: ApiKey = {
        id: `k${this.keys.length + 1}${name}`,
        name,
        scopes,
        user_id,
        prefix: "tacho_n3wK",
        created_at: new Date(this.clock()).toISOString(),
        last_used_at: null,
      };
      this.keys = [...this.keys, key];
      const created: CreatedKey = { ...key, key: "tacho_n3wKq8Zt0vYh2sJ5bR7dLmXc9fWgAe4u" };
      return json(created, 201);
    }
    if (path.startsWith("/keys/")) {
      this.keys = this.keys.filter(({ id }) => id !== decodeURIComponent(path.slice(6)));
      return json(null, 204);
    }
    if (path === "/users" && method === "GET") return json({ users: this.users });
    if (path === "/users") {
      const { email, role, name } = await body<{ email: string; role: User["role"]; name: string | null }>();
      if (this.users.some((user) => user.email === email))
        return problem(422, "email_taken", "E-mail taken", "Somebody with this e-mail is already here.", "/email");
      const user: User = {
        id: `u${this.users.length + 1}`,
        email,
        name: name ?? email,
        role,
        is_active: true,
        created_at: new Date(this.clock()).toISOString(),
        last_sign_in_at: null,
      };
      this.users = [...this.users, user];
      return json(user, 201);
    }
    if (path.startsWith("/users/")) {
      const change = await body<Partial<User>>();
      this.users = this.users.map((user) => (user.id === path.slice(7) ? { ...user, ...change } : user));
      return json(this.users.find((user) => user.id === path.slice(7)));
    }
    return problem(404, "not_found", "Not found", "There is nothing at this address.");
  }

  private list(params: URLSearchParams): ExecutionList {
    const now = this.clock();
    const { from, to } = rangeOf(
      {
        period: params.get("period") as "week",
        from: params.get("from") ?? undefined,
        to: params.get("to") ?? undefined,
      },
      now,
    );
    const statuses = params.get("status")?.split(",");
    const search = params.get("search")?.toLowerCase();
    const found = this.rows().filter((row) => {
      const at = Date.parse(row.event_time);
      if (at < from || at >= to) return false;
      if (statuses && !statuses.includes(row.status)) return false;
      if (params.get("workflow_id") && row.workflow_id !== params.get("workflow_id")) return false;
      if (params.get("trigger_type") && row.trigger_type !== params.get("trigger_type")) return false;
      return !search || `${row.workflow_name} ${row.id} ${row.error_message ?? ""}`.toLowerCase().includes(search);
    });
    const limit = Number(params.get("limit") ?? 50);
    return {
      executions: found.slice(0, limit),
      next_cursor: found.length > limit ? "more" : null,
      as_of: new Date(now).toISOString(),
      as_of_lsn: 18_204_331,
    };
  }

  /** Nothing has failed in a way that anybody looked into. */
  private failures(): FailureList {
    const at = new Date(this.clock()).toISOString();
    return {
      failures: [],
      next_offset: null,
      totals: {
        failures: 0,
        failures_before: 0,
        fingerprints: 0,
        by_state: { new: 0, regressed: 0, ongoing: 0, resolved: 0 },
        by_error_type: [],
        unexplained: 0,
      },
      range: { from: at, to: at },
      range_before: null,
      as_of: at,
      as_of_lsn: 18_204_331,
    };
  }

  private detail(id: string): Response {
    const run = this.rows().find((row) => row.id === id);
    if (!run)
      return problem(
        404,
        "execution_not_found",
        "Not found",
        "There is no execution with this id, or it is not yours to see.",
      );
    const detail: ExecutionDetail = {
      execution: { ...run, metadata: { region: "eu-central", input: { file: "statement-2026-11.csv", rows: 218 } } },
      attempts: [1],
      steps: makeSteps(run),
      costs: makeCosts(run),
      resources: makeResources(run),
      recoveries: makeRecoveries(run),
      as_of: new Date(this.clock()).toISOString(),
      as_of_lsn: 18_204_331,
      is_cut: false,
    };
    return json(detail);
  }

  private system(): System {
    const open = this.letters.filter(({ state }) => state === "open").length;
    const system = makeSystem(this.clock(), this.rows().length, this.variant === "empty" ? 0 : open);
    if (this.variant === "empty") {
      system.conflicts = { total: 0, recent: [] };
      system.store.rows = {};
    }
    if (this.variant === "degraded") {
      system.store = {
        ...system.store,
        state: "rebuilding",
        rebuild_progress: 0.42,
        lag_records: 7_412_000,
        lag_ms: 184_000,
        last_error: "IO Error: could not read block 4411 of the store file",
      };
      system.ingest = {
        ...system.ingest,
        stopped_reason: "The disk has less than 2 GB free. Free some space; ingest starts again by itself.",
        accepted_per_second: 0,
      };
      system.disk = { ...system.disk, free_bytes: 1_400_000_000 };
    }
    return system;
  }

  private async deadLetters(
    path: string,
    method: string,
    params: URLSearchParams,
    body: <T>() => Promise<T>,
  ): Promise<Response> {
    const [, , id, action] = path.split("/");
    if (!id) {
      const state = params.get("state") ?? "open";
      const found = this.variant === "empty" ? [] : this.letters.filter((letter) => letter.state === state);
      const list: DeadLetterList = {
        dead_letters: found.map(({ payload: _, ...letter }): DeadLetter => letter),
        next_cursor: null,
        total: found.length,
      };
      return json(list);
    }
    const letter = this.letters.find((candidate) => candidate.id === id);
    if (!letter) return problem(404, "dead_letter_not_found", "Not found", "This dead letter does not exist.");
    if (method === "GET") return json(letter);
    const move = (state: DeadLetter["state"]) => {
      this.letters = this.letters.map((candidate) => (candidate.id === id ? { ...candidate, state } : candidate));
    };
    if (method === "DELETE") {
      move("discarded");
      return json(null, 204);
    }
    const { payload } = await body<{ payload: string }>();
    const stillBad = payload === letter.payload;
    if (action === "replay") {
      if (stillBad) return problem(422, letter.code, "Still refused", letter.message, letter.pointer ?? undefined);
      move("replayed");
      return json({ accepted: 1 });
    }
    const answer: MendAnswer = stillBad
      ? { valid: false, errors: [{ code: letter.code, message: letter.message, pointer: letter.pointer ?? "" }] }
      : { valid: true, errors: [] };
    return json(answer);
  }
}

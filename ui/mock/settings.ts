/** What the settings and the palette ask of the made-up server: the model, cost rates, the audit log. */
import type { AuditEntry, AuditLog, CostRates, Model } from "../src/api/types.ts";

const DEFAULT_RATES: CostRates = {
  per_minute_usd: 0.005,
  session_minimum_usd: 0.01,
  is_default: true,
  updated_at: null,
  updated_by: null,
};

type Measure = Model["sources"][number]["measures"][number];
type Dimension = Model["sources"][number]["dimensions"][number];

const measure = (name: string, label: string, definition: string): Measure =>
  ({ name, label, definition, type: "integer", unit: "count", direction: null, derived: [] }) as unknown as Measure;
const dimension = (name: string, label: string): Dimension =>
  ({ name, label, definition: `${label} of the execution.`, columns: [name] }) as unknown as Dimension;

/** The least of the model that names what the pages name. */
export const MODEL = {
  sources: [
    {
      name: "executions",
      label: "Executions",
      measures: [
        measure("count", "Executions", "Executions of every status."),
        measure("success_rate", "Success rate", "Successful executions as a share of those that ended."),
      ],
      dimensions: [
        dimension("workflow", "Workflow"),
        dimension("status", "Status"),
        dimension("trigger_type", "Trigger"),
        dimension("error_type", "Error type"),
        dimension("workflow_group", "Group"),
        dimension("workflow_owner", "Owner"),
        dimension("version", "Version"),
        dimension("user", "User"),
      ],
      filters: [
        { name: "duration", label: "Duration", definition: "From start to end.", type: "integer", unit: "ms", ops: [] },
      ],
    },
    {
      name: "steps",
      label: "Steps",
      measures: [measure("count", "Steps", "Steps of every status.")],
      dimensions: [],
      filters: [],
    },
  ],
  periods: [],
  granularities: [],
  limits: {},
} as unknown as Model;

const PAGE = 3;
const HOUR_MS = 3_600_000;

function entry(id: number, ago: number, now: number, fields: Partial<AuditEntry>): AuditEntry {
  const at = new Date(now - ago).toISOString();
  return {
    id: `a${id}`,
    first_at: at,
    last_at: at,
    requests: 1,
    user_id: "u1",
    user_name: "Ada Example",
    key_id: null,
    key_name: null,
    operation: "POST /api/v1/query",
    question: '{"queries":[{"source":"executions"},{"source":"costs"}]}',
    scope: "all",
    address: "192.0.2.1",
    status: 200,
    request_id: `req_${id}`,
    ...fields,
  };
}

function makeAudit(now: number): AuditEntry[] {
  const list = { operation: "GET /api/v1/executions", question: "/api/v1/executions?status=failed&limit=50" };
  return [
    entry(1, 60_000, now, { first_at: new Date(now - HOUR_MS / 2).toISOString(), requests: 12 }),
    entry(2, 2 * HOUR_MS, now, { ...list, user_id: null, user_name: null, key_id: "k1", key_name: "Workers" }),
    entry(3, 5 * HOUR_MS, now, { ...list, status: 400 }),
    entry(4, 26 * HOUR_MS, now, { scope: "owned", user_id: "u3", user_name: "Grace Example" }),
  ];
}

export class SettingsApi {
  private rates = DEFAULT_RATES;

  /** The body of an answer; undefined if the path is not one of these. */
  async answer(
    path: string,
    method: string,
    params: URLSearchParams,
    now: number,
    body: <T>() => Promise<T>,
  ): Promise<CostRates | AuditLog | Model | undefined> {
    if (path === "/model") return MODEL;
    if (path === "/audit") return this.audit(params, now);
    if (path !== "/cost-rates") return undefined;
    if (method === "DELETE") this.rates = DEFAULT_RATES;
    if (method === "PUT") {
      const set = await body<Pick<CostRates, "per_minute_usd" | "session_minimum_usd">>();
      this.rates = { ...set, is_default: false, updated_at: new Date(now).toISOString(), updated_by: "u1" };
    }
    return this.rates;
  }

  private audit(params: URLSearchParams, now: number): AuditLog {
    const [from, operation, user, search] = ["from", "operation", "user_id", "search"].map((name) => params.get(name));
    const found = makeAudit(now).filter(
      (each) =>
        (!from || each.last_at >= from) &&
        (!operation || each.operation === operation) &&
        (!user || each.user_id === user) &&
        (!search || JSON.stringify(each).toLowerCase().includes(search.toLowerCase())),
    );
    const start = Number(params.get("cursor") ?? 0);
    return {
      entries: found.slice(start, start + PAGE),
      next_cursor: found.length > start + PAGE ? String(start + PAGE) : null,
    };
  }
}

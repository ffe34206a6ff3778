/** A seeded, made-up organization: enough history for every page to have something true to its shape to show. */
import type {
  ApiKey,
  Conflict,
  Cost,
  DeadLetterDetail,
  Execution,
  Recovery,
  Resource,
  Session,
  Step,
  System,
  User,
} from "../src/api/types.ts";

type Status = Execution["status"];

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Workflow {
  id: string;
  name: string;
  median_ms: number;
  failing: number;
  weight: number;
  trigger: string;
}

export const WORKFLOWS: Workflow[] = [
  { id: "invoice-import", name: "Invoice import", median_ms: 42_000, failing: 0.03, weight: 9, trigger: "scheduled" },
  { id: "crm-sync", name: "CRM contact sync", median_ms: 12_500, failing: 0.02, weight: 14, trigger: "webhook" },
  {
    id: "price-watch",
    name: "Competitor price watch",
    median_ms: 95_000,
    failing: 0.11,
    weight: 7,
    trigger: "scheduled",
  },
  {
    id: "report-daily",
    name: "Daily revenue report",
    median_ms: 190_000,
    failing: 0.04,
    weight: 2,
    trigger: "scheduled",
  },
  {
    id: "ticket-triage",
    name: "Support ticket triage",
    median_ms: 3_400,
    failing: 0.015,
    weight: 18,
    trigger: "event",
  },
  { id: "onboarding", name: "Customer onboarding", median_ms: 640_000, failing: 0.06, weight: 3, trigger: "manual" },
  {
    id: "bank-download",
    name: "Bank statement download",
    median_ms: 58_000,
    failing: 0.14,
    weight: 4,
    trigger: "scheduled",
  },
  { id: "lead-enrich", name: "Lead enrichment", median_ms: 7_800, failing: 0.05, weight: 12, trigger: "api" },
  {
    id: "backup-verify",
    name: "Backup verification",
    median_ms: 1_900_000,
    failing: 0.02,
    weight: 1,
    trigger: "scheduled",
  },
  { id: "order-status", name: "Order status bot", median_ms: 820, failing: 0.01, weight: 16, trigger: "conversation" },
];

const ERRORS: [type: string, message: string, workflows?: string][] = [
  ["TimeoutError", 'Waiting for selector "#login-form button[type=submit]" exceeded 30,000 ms'],
  ["HttpError", "POST https://api.example.com/v2/contacts answered 502 Bad Gateway after 3 attempts"],
  ["AuthenticationError", 'The session expired: sign-in with the stored credential "bank-main" was refused'],
  ["ValidationError", 'Row 218: amount "1.204,50" is not a number'],
  ["ElementNotFound", 'No element matches "table.prices > tbody > tr"; the page layout may have changed'],
  ["RateLimitError", "429 Too Many Requests: retry after 60 s"],
];

const DAY = 86_400_000;
const EMPTY = {
  variant: null,
  error_fingerprint: null,
  trigger_id: null,
  parent_execution_id: null,
  conversation_id: null,
  trace_id: null,
  minutes_saved: null,
  items_processed: null,
};

function pick<T>(items: readonly T[], at: number): T {
  return items[Math.floor(at * items.length) % items.length] as T;
}

function weighted(at: number): Workflow {
  let left = at;
  for (const workflow of WORKFLOWS) {
    left -= workflow.weight;
    if (left < 0) return workflow;
  }
  return WORKFLOWS[0] as Workflow;
}

/** About 120 days of runs that end at `now`: working hours, quiet weekends, one bad afternoon. */
export function makeExecutions(now: number, days = 120): Execution[] {
  const next = random(7);
  const out: Execution[] = [];
  const total = WORKFLOWS.reduce((sum, workflow) => sum + workflow.weight, 0);
  const incident = now - 2.3 * DAY;
  for (let hour = now - days * DAY; hour < now; hour += 3_600_000) {
    const date = new Date(hour);
    const weekend = date.getUTCDay() % 6 === 0;
    const busy = Math.exp(-((date.getUTCHours() - 12.5) ** 2) / 22);
    const growth = 0.75 + 0.35 * (1 - (now - hour) / (days * DAY));
    const count = Math.round((weekend ? 7 + 4 * busy : 9 + 38 * busy) * growth * (0.8 + 0.4 * next()));
    for (let i = 0; i < count; i++) {
      const workflow = weighted(next() * total);
      const started = hour + Math.floor(next() * 3_600_000);
      if (started > now - 1_000) continue;
      const sick = Math.abs(started - incident) < 2.5 * 3_600_000 && next() < 0.45;
      const duration = Math.round(workflow.median_ms * Math.exp((next() + next() + next() - 1.5) * 0.9));
      const roll = next();
      let status: Status = "success";
      if (sick || roll < workflow.failing) status = "failed";
      else if (roll < workflow.failing * 1.35) status = "timeout";
      else if (roll > 0.992) status = "cancelled";
      const steps = 3 + Math.floor(next() * 6);
      const running = started + duration > now;
      if (running) status = "running";
      const bad = status === "failed" || status === "timeout";
      const [error_type, error_message] = sick ? (ERRORS[1] as [string, string]) : pick(ERRORS, next());
      const cost = workflow.id === "order-status" ? 0.0021 : duration * 2.4e-7 + 0.003;
      out.push({
        ...EMPTY,
        id: `run_${(started % 1e10).toString(36)}${i.toString(36)}`,
        attempt: 1,
        workflow_id: workflow.id,
        workflow_name: workflow.name,
        workflow_version: started > now - 20 * DAY ? "1.8.0" : "1.7.2",
        status,
        trigger_type: next() < 0.06 ? "manual" : workflow.trigger,
        user_id: next() < 0.2 ? "ada@example.com" : null,
        queued_at: new Date(started - 400).toISOString(),
        started_at: new Date(started).toISOString(),
        completed_at: running ? null : new Date(started + duration).toISOString(),
        duration_ms: running ? null : duration,
        steps_completed: bad || running ? Math.max(1, steps - 2) : steps,
        steps_total: steps,
        error_type: bad ? (status === "timeout" ? "Timeout" : error_type) : null,
        error_message: bad
          ? status === "timeout"
            ? "The run passed its limit of 10 m and was stopped"
            : error_message
          : null,
        cost_usd: running ? null : Number(cost.toFixed(6)),
        credits: running ? null : Math.round(duration / 1000) / 10,
        tags: { team: pick(["finance", "sales", "support"], workflow.weight / 20), env: "prod" },
        event_time: new Date(started).toISOString(),
      });
    }
  }
  for (const [index, ago] of [9, 24, 41].entries()) {
    const workflow = WORKFLOWS[index * 2] as Workflow;
    const queued = index === 0;
    out.push({
      ...EMPTY,
      id: `run_live_${index}`,
      attempt: 1,
      workflow_id: workflow.id,
      workflow_name: workflow.name,
      workflow_version: "1.8.0",
      status: queued ? "queued" : "running",
      trigger_type: workflow.trigger,
      user_id: null,
      queued_at: new Date(now - ago * 1000).toISOString(),
      started_at: queued ? null : new Date(now - ago * 1000 + 300).toISOString(),
      completed_at: null,
      duration_ms: null,
      steps_completed: queued ? 0 : index + 1,
      steps_total: 6,
      error_type: null,
      error_message: null,
      cost_usd: null,
      credits: null,
      tags: { env: "prod" },
      event_time: new Date(now - ago * 1000).toISOString(),
    });
  }
  return out.sort((a, b) => (a.event_time < b.event_time ? 1 : -1));
}

const STEP_NAMES = [
  "Open session",
  "Sign in",
  "Download export",
  "Parse rows",
  "Match records",
  "Write to ledger",
  "Notify",
  "Archive",
];

export function makeSteps(run: Execution): Step[] {
  const next = random(run.id.length * 977 + (run.duration_ms ?? 1));
  const started = Date.parse(run.started_at ?? run.event_time);
  const total = run.duration_ms ?? 30_000;
  const count = run.steps_completed ?? 0;
  const bad = run.status === "failed" || run.status === "timeout";
  const weights = Array.from({ length: count }, () => 0.2 + next() ** 2 * 3);
  const sum = weights.reduce((a, b) => a + b, 0);
  let at = started;
  return weights.map((weight, index) => {
    const duration = Math.round((weight / sum) * total * 0.97);
    const begin = at;
    at += duration + total * 0.003;
    const failed = bad && index === count - 1;
    const waits = index === 2 || index === 4;
    return {
      id: `${run.id}-s${index + 1}`,
      step_id: `s${index + 1}`,
      step_name: STEP_NAMES[index % STEP_NAMES.length] ?? null,
      step_type: index % 3 === 0 ? "browser" : index % 3 === 1 ? "http" : "transform",
      wait_kind: waits ? "external" : "none",
      attempt: failed ? 2 : 1,
      status: failed ? "failed" : "completed",
      started_at: new Date(begin).toISOString(),
      ended_at: new Date(begin + duration).toISOString(),
      duration_ms: duration,
      input_bytes: 1200,
      output_bytes: 48_200,
      credits: 0.2,
      error_type: failed ? run.error_type : null,
      error_message: failed ? run.error_message : null,
      target: index < 3 ? "portal.example.com" : null,
    };
  });
}

export function makeCosts(run: Execution): Cost[] {
  if (run.cost_usd === null) return [];
  return [
    {
      id: `${run.id}-c1`,
      timestamp: run.event_time,
      action_type: "browser_session",
      credits: null,
      amount_usd: run.cost_usd * 0.7,
      quantity: (run.duration_ms ?? 0) / 60_000,
      unit: "minute",
      is_estimate: false,
    },
    {
      id: `${run.id}-c2`,
      timestamp: run.event_time,
      action_type: "language_model",
      credits: run.credits,
      amount_usd: run.cost_usd * 0.3,
      quantity: 2_140,
      unit: "token",
      is_estimate: true,
    },
  ];
}

export function makeResources(run: Execution): Resource[] {
  const next = random(run.duration_ms ?? 3);
  const started = Date.parse(run.started_at ?? run.event_time);
  const total = run.duration_ms ?? 30_000;
  return Array.from({ length: 24 }, (_, index) => ({
    timestamp: new Date(started + (index / 23) * total).toISOString(),
    host: "worker-3",
    cpu_percent: 12 + 60 * next() ** 2,
    memory_mb: 180 + index * 7 + 20 * next(),
    gpu_percent: null,
    gpu_memory_mb: null,
    disk_percent: null,
    disk_read_bytes: null,
    disk_write_bytes: null,
    network_receive_bytes: null,
    network_send_bytes: null,
    queue_depth: null,
  }));
}

export function makeRecoveries(run: Execution): Recovery[] {
  if (run.status !== "failed") return [];
  return [
    {
      id: `${run.id}-r1`,
      step_id: `s${run.steps_completed}`,
      strategy: "retry_with_fresh_session",
      status: "failed",
      timestamp: run.completed_at ?? run.event_time,
      duration_ms: 2_300,
    },
  ];
}

export const SESSION: Session = {
  user: { id: "u1", email: "ada@example.com", name: "Ada Marsh", role: "owner", timezone: "Europe/Berlin" },
  organization: { id: "o1", name: "Harbour & Finch", timezone: "Europe/Berlin" },
  permissions: [
    "see_all",
    "manage_people",
    "manage_keys",
    "see_system",
    "mend_records",
    "manage_costs",
    "see_audit",
    "manage_organization",
  ],
  version: "0.1.0",
};

export function makeUsers(now: number): User[] {
  const ago = (ms: number) => new Date(now - ms).toISOString();
  return [
    {
      id: "u1",
      email: "ada@example.com",
      name: "Ada Marsh",
      role: "owner",
      is_active: true,
      created_at: ago(300 * DAY),
      last_sign_in_at: ago(40_000),
    },
    {
      id: "u2",
      email: "tomas@example.com",
      name: "Tomas Reyes",
      role: "admin",
      is_active: true,
      created_at: ago(210 * DAY),
      last_sign_in_at: ago(5 * 3_600_000),
    },
    {
      id: "u3",
      email: "lin@example.com",
      name: "Lin Osei",
      role: "member",
      is_active: true,
      created_at: ago(90 * DAY),
      last_sign_in_at: ago(3 * DAY),
    },
    {
      id: "u4",
      email: "auditor@example.org",
      name: "auditor",
      role: "viewer",
      is_active: false,
      created_at: ago(30 * DAY),
      last_sign_in_at: null,
    },
  ];
}

export function makeKeys(now: number): ApiKey[] {
  const ago = (ms: number) => new Date(now - ms).toISOString();
  return [
    {
      id: "k1",
      name: "Production workers",
      prefix: "tacho_8fQ2",
      scopes: ["ingest"],
      user_id: null,
      created_at: ago(200 * DAY),
      last_used_at: ago(3_000),
    },
    {
      id: "k2",
      name: "Nightly export",
      prefix: "tacho_Lx0c",
      scopes: ["read"],
      user_id: "u3",
      created_at: ago(80 * DAY),
      last_used_at: ago(9 * 3_600_000),
    },
    {
      id: "k3",
      name: "Terraform",
      prefix: "tacho_aa91",
      scopes: ["ingest", "read", "admin"],
      user_id: null,
      created_at: ago(12 * DAY),
      last_used_at: null,
    },
  ];
}

export function makeLetters(now: number): DeadLetterDetail[] {
  const make = (
    id: string,
    ago: number,
    code: string,
    message: string,
    pointer: string | null,
    record_type: string | null,
    payload: string,
  ): DeadLetterDetail => ({
    id,
    received_at: new Date(now - ago).toISOString(),
    code,
    message,
    pointer,
    record_type,
    source: "http",
    state: "open",
    payload_bytes: payload.length,
    is_truncated: false,
    payload,
  });
  const run = (fields: object) =>
    JSON.stringify(
      { type: "execution", id: "run_4711", workflow_id: "invoice-import", status: "success", ...fields },
      null,
      2,
    );
  return [
    make(
      "d1",
      4 * 60_000,
      "ends_before_start",
      "completed_at is 12 m before started_at. Check the sender's clock, or swap the two.",
      "/completed_at",
      "execution",
      run({ started_at: "2026-11-22T12:10:00Z", completed_at: "2026-11-22T11:58:00Z" }),
    ),
    make(
      "d2",
      31 * 60_000,
      "negative_duration",
      "duration_ms is -400. A duration is zero or more milliseconds.",
      "/duration_ms",
      "execution",
      run({ duration_ms: -400 }),
    ),
    make(
      "d3",
      2 * 3_600_000,
      "unknown_type",
      '"exeuction" is no record type. Did you mean "execution"?',
      "/type",
      null,
      JSON.stringify({ type: "exeuction", id: "run_1" }, null, 2),
    ),
    make(
      "d4",
      9 * 3_600_000,
      "not_json",
      "The record is not JSON: expected a comma at line 1, column 38.",
      null,
      null,
      '{"type":"step","execution_id":"run_9" "step_id":"s1"}',
    ),
    make(
      "d5",
      3 * DAY,
      "unknown_status",
      '"finished" is no status of a step. Use completed, failed or skipped.',
      "/status",
      "step",
      JSON.stringify({ type: "step", execution_id: "run_9", step_id: "s1", status: "finished" }, null, 2),
    ),
  ];
}

const CONFLICTS: Conflict[] = [
  { type: "execution", id: "run_k3v90a1", attempt: 1, fields: ["duration_ms", "cost_usd"], event_time: null },
  { type: "step", id: "run_k3v90a1/s4", attempt: 2, fields: ["status"], event_time: null },
];

export function makeSystem(now: number, executions: number, openLetters: number): System {
  return {
    version: "0.1.0",
    started_at: new Date(now - 3.2 * DAY).toISOString(),
    query_cache: { hits: 41_208, misses: 3_377, entries: 64, bytes: 1_900_000, redis: null },
    live: {
      connections: 12,
      connections_total: 3_190,
      subscriptions: 31,
      topics: 5,
      frames_total: 912_004,
      frames_per_second: 28.4,
      frames_skipped_total: 3,
      send_p50_ms: 0.2,
      send_p99_ms: 1.1,
    },
    journal: {
      last_lsn: 18_204_331,
      bytes: 1_240_000_000,
      segments_active: 1,
      segments_sealed: 36,
      oldest_at: new Date(now - 120 * DAY).toISOString(),
      fsync_p50_ms: 1.9,
      fsync_p99_ms: 7.4,
      commits: 912_204,
      damages: 0,
    },
    store: {
      state: "open",
      applied_lsn: 18_204_322,
      rollup_lsn: 18_190_004,
      lag_records: 9,
      lag_ms: 42,
      bytes: 612_000_000,
      rows: {
        execution: executions,
        step: executions * 6,
        cost: executions * 2,
        resource: executions * 24,
        activity: 18_400,
        message: 44_120,
        conversation: 5_210,
        metric: 820_000,
        recovery: 412,
        workflow: 10,
      },
      rebuild_progress: null,
      last_error: null,
    },
    ingest: {
      accepted_total: 18_204_331,
      rejected_total: 214,
      duplicates_total: 10_412,
      accepted_per_second: 118 + Math.random() * 30,
      queue_records: Math.round(Math.random() * 40),
      queue_limit: 100_000,
      stopped_reason: null,
    },
    disk: { free_bytes: 182_000_000_000, total_bytes: 480_000_000_000, stop_below_bytes: 2_000_000_000 },
    dead_letters: { open: openLetters, dropped: 0 },
    conflicts: {
      total: 2,
      recent: CONFLICTS.map((conflict, index) => ({
        ...conflict,
        event_time: new Date(now - (index + 1) * 5_400_000).toISOString(),
      })),
    },
  };
}

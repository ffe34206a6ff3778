import { type ConnectionState, LiveExecutions, type LiveHandlers, type Subscription } from "@tacho/live";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { connectBy } from "../live/client.ts";
import { endTopics } from "../live/topics.ts";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  server.resetHandlers();
  endTopics();
  connectBy(() => new Promise(() => {}));
});
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };

const RUN = {
  id: "run-1",
  attempt: 1,
  status: "running",
  lsn: 5,
  workflow_id: "invoices",
  workflow_name: "Invoice capture",
  user_id: null,
  queued_at: null,
  started_at: new Date(Date.now() - 60_000).toISOString(),
  updated_at: new Date().toISOString(),
  steps_completed: 2,
  steps_total: 4,
  step: "Read text",
  expected_finish_at: new Date(Date.now() - 30_000).toISOString(),
};

const STUCK = {
  id: "finding",
  kind: "stuck",
  workflow_id: "invoices",
  workflow_name: "Invoice capture",
  execution_id: "run-1",
  attempt: 1,
  since: RUN.started_at,
  detected_at: RUN.updated_at,
  ended_at: null,
  measured: 60_000,
  limit: 30_000,
  reason: "Running for 1 min; usually it takes 30 s.",
};

/** A server that tells of one execution. */
function tells() {
  const handlers: LiveHandlers[] = [];
  const head = { topic: "executions", epoch: 1, as_of_lsn: 5, at: RUN.updated_at };
  const tell = (more: object) => {
    const frame = {
      ...head,
      type: "executions",
      queued: 0,
      running: 1,
      executions: [],
      ended: [],
      events: [],
      ...more,
    };
    for (const each of handlers) each.onFrame(frame as never);
  };
  const connection = {
    state: { kind: "open" } as ConnectionState,
    lastFrameAt: Date.now(),
    subscribe({ channel }: Subscription, own: LiveHandlers) {
      if (channel === "executions") {
        handlers.push(own);
        queueMicrotask(() => tell({ seq: 1, is_snapshot: true, executions: [RUN], detections: [STUCK] }));
      }
      return () => undefined;
    },
    onState: () => () => undefined,
    retryNow() {},
    close() {},
  };
  connectBy(async () => ({
    connection,
    executionsAfter: (before, frame) => LiveExecutions.apply(before ?? LiveExecutions.empty, frame),
  }));
  return tell;
}

it("shows what runs, what is out of the ordinary and what happens", async () => {
  const tell = tells();
  startApp("/live");
  const table = within(await screen.findByRole("table", { name: "Active executions" }, WAIT));
  expect(table.getByRole("link", { name: "Invoice capture" })).toHaveAttribute("href", "/executions/run-1?attempt=1");
  expect(table.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "50");
  expect(table.getByText(/^\d+ s over$/)).toBeInTheDocument();
  const findings = within(screen.getByRole("list", { name: "Findings" }));
  expect(findings.getByText(STUCK.reason)).toBeInTheDocument();
  expect(findings.getByRole("link", { name: "Invoice capture" })).toHaveAttribute("href", "/workflows/invoices");
  expect(screen.getByText(/^Live ·/)).toBeInTheDocument();

  const event = { ...RUN, kind: "failed", at: RUN.updated_at, lsn: 6, execution_id: "run-1", error_type: "NoPortal" };
  act(() => tell({ seq: 2, is_snapshot: false, running: 0, ended: [RUN], events: [event] }));
  expect(await screen.findByText("NoPortal", {}, WAIT)).toBeInTheDocument();
  expect(await table.findByText("Failed")).toBeInTheDocument();
  await screen.findByText("Nothing runs or waits at the moment.", {}, WAIT);
});

it("keeps filters in the address", async () => {
  tells();
  const { router } = startApp("/live?status=queued");
  await screen.findByText("Nothing active matches the filters.", {}, WAIT);
  await userEvent.click(screen.getByRole("radio", { name: "All" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  expect(await screen.findByRole("table", { name: "Active executions" })).toBeInTheDocument();
});

it("opens the wall screen by an address, and Escape leaves it", async () => {
  tells();
  const { router } = startApp("/live?wall=1");
  await screen.findByRole("heading", { name: /^Runs now/ }, WAIT);
  expect(screen.queryByRole("navigation", { name: "Pages" })).not.toBeInTheDocument();
  expect(router.state.location.search).toEqual({});
  await userEvent.keyboard("{Escape}");
  expect(await screen.findByRole("navigation", { name: "Pages" })).toBeInTheDocument();
});

it("says what to do where nothing has ever run", async () => {
  startApp("/live", { variant: "empty" });
  expect(await screen.findByText("Nothing has been sent to Tacho yet.", {}, WAIT)).toBeInTheDocument();
});

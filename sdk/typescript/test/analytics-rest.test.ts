/** The seven procedures over REST: the same shapes, with instants as text. */
import { beforeAll, expect, inject, it } from "vitest";
import { Tacho } from "../src/tacho.ts";
import { shapes, texts } from "./appendix.ts";
import { expectCount, freshWorkflow, runs } from "./rows.ts";

const workflow = freshWorkflow();

beforeAll(async () => {
  const tacho = new Tacho({ url: inject("url"), apiKey: inject("key") });
  await tacho.send([{ type: "workflow", id: workflow, name: "Nightly" }, ...runs(workflow, 3)]);
  await tacho.close();
  await expectCount(workflow, 3);
});

function get(path: string): Promise<Response> {
  return fetch(`${inject("url")}/api/v1/analytics/${path}`, { headers: { authorization: `Bearer ${inject("key")}` } });
}

const shape = shapes(texts);

it.each([
  ["execution-stats", shape.getExecutionStats],
  ["execution-stats?period=day&taskId=<id>", shape.getExecutionStats],
  ["task-metrics?taskId=<id>", shape.getTaskMetrics],
  ["usage-stats?period=year&groupBy=week", shape.getUsageStats],
  ["cost-analysis?taskId=<id>", shape.getCostAnalysis],
  ["performance-trends?metrics=duration,success_rate", shape.getPerformanceTrends],
  ["performance-trends?period=all", shape.getPerformanceTrends],
  ["websocket-stats", shape.getWebSocketStats],
  ["cache-stats", shape.getCacheStats],
])("%s", async (path, expected) => {
  const response = await get(path.replace("<id>", workflow));
  expect(response.status).toBe(200);
  expect(expected.safeParse(await response.json()).error?.issues).toBeUndefined();
});

it.each([
  ["execution-stats?period=decade", 400],
  ["usage-stats?groupBy=second", 400],
  ["performance-trends?metrics=height", 400],
  ["task-metrics", 400],
  ["task-metrics?taskId=no-such-task", 404],
  ["execution-stats?taskId=no-such-task", 404],
])("%s is refused: %i", async (path, status) => {
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { detail } = (await response.json()) as { detail: string };
  if (status === 404) expect(detail).toBe("Task not found or unauthorized");
});

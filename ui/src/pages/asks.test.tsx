/** What a page asks before it is drawn is what it asks when it is drawn. */
import { screen, waitFor } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.clear());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };
const WHERE = `where=${encodeURIComponent('{"trigger_type":["manual"]}')}`;

/** Each page as it is, and with whatever its address may say of what is asked. */
const PAGES = [
  "/",
  `/?period=month&compare=off&granularity=day&overlay=cost&top=slowest&${WHERE}`,
  "/workflows",
  "/workflows?last=6h",
  "/workflows/invoice-intake",
  "/workflows/invoice-intake?tab=steps&tz=Europe/Berlin",
  "/executions",
  `/executions?order=longest&from=2026-11-01T00:00:00Z&to=2026-11-08T00:00:00Z&${WHERE}`,
  "/failures",
  "/failures?state=new&q=timeout&order=cost",
  "/performance",
  `/performance?granularity=hour&${WHERE}`,
  "/usage?by=workflow_kind&tz=America/New_York",
  "/costs?trend=cumulative",
  "/system",
];

it.each(PAGES)("%s asks nothing twice", async (path) => {
  const { requests } = startApp(path);
  await screen.findByRole("heading", { level: 1 }, WAIT);
  await waitFor(() => expect(requests.length).toBeGreaterThan(2), WAIT);
  // Until nothing more is asked.
  let before = -1;
  await waitFor(
    () => {
      const isSettled = requests.length === before;
      before = requests.length;
      expect(isSettled).toBe(true);
    },
    { ...WAIT, interval: 300 },
  );
  const asked = await Promise.all(
    requests.map(async (request) => {
      const { pathname, search } = new URL(request.url);
      if (request.method !== "POST") return `${request.method} ${pathname}${search}`;
      const { queries } = (await request.json()) as { queries: object[] };
      return queries.map((query) => JSON.stringify(query));
    }),
  );
  const questions = asked.flat().filter((question) => !question.startsWith("GET"));
  expect(questions).toEqual([...new Set(questions)]);
  // A list that differs only in its filters or its time was asked for nothing, too.
  const lists = asked
    .flat()
    .flatMap((request) => /^GET (.*(executions|failures|workflows))\?/.exec(request)?.[1] ?? []);
  expect(lists).toEqual([...new Set(lists)]);
});

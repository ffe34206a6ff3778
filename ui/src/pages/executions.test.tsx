import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };

it("narrows executions by a facet, excludes with Alt, and asks all counts in one batch", async () => {
  const { router, requests } = startApp("/executions");
  const user = userEvent.setup();
  await screen.findByRole("table", { name: "Executions" }, WAIT);
  const facets = screen.getByRole("complementary", { name: "Filters" });
  await user.click(await within(facets).findByRole("button", { name: /^Failed/ }, WAIT));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ where: { status: ["failed"] } }));
  await user.keyboard("{Alt>}");
  await user.click(await within(facets).findByRole("button", { name: /^Success/ }, WAIT));
  await user.keyboard("{/Alt}");
  await waitFor(() =>
    expect(router.state.location.search).toMatchObject({ where: { status: ["failed"], "!status": ["success"] } }),
  );
  // When and how many, how many in all, and the facets that are open.
  const open = within(facets).getAllByRole("button", { expanded: true });
  const batch = requests.filter(({ url }) => url.endsWith("/api/v1/query")).at(-1);
  const asked = (await batch?.json()) as { queries: unknown[] } | undefined;
  expect(asked?.queries).toHaveLength(2 + open.length);
  await waitFor(() => {
    const list = requests.filter(({ url }) => url.includes("/api/v1/executions?")).at(-1);
    const filters = JSON.parse(new URL(list?.url ?? "").searchParams.get("filters") ?? "[]");
    expect(filters).toContainEqual({ field: "status", op: "in", values: ["failed"] });
    expect(filters).toContainEqual({ not: { field: "status", op: "in", values: ["success"] } });
  }, WAIT);
});

it("keeps the chosen columns in the address", async () => {
  const { router } = startApp("/executions?columns=status");
  const user = userEvent.setup();
  const table = await screen.findByRole("table", { name: "Executions" }, WAIT);
  expect(
    within(table)
      .getAllByRole("columnheader")
      .map(({ textContent }) => textContent),
  ).toEqual(["Workflow", "Status"]);
  await user.click(screen.getByRole("button", { name: "Columns" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Version" }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ columns: "workflow,status,version" }));
  expect(within(table).getByRole("columnheader", { name: "Version" })).toBeInTheDocument();
});

it("says why there is nothing, and takes the filters away", async () => {
  const { router } = startApp("/executions?q=no-such-text");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Remove the filters" }, WAIT));
  await waitFor(() => expect(router.state.location.search).not.toHaveProperty("q"));
  expect(await screen.findByRole("table", { name: "Executions" }, WAIT)).toBeInTheDocument();
});

it("explains an empty queue of exports, and shows how far a running one is", async () => {
  startApp("/exports");
  let exports: object[] = [];
  server.use(http.get("*/api/v1/exports", () => HttpResponse.json({ exports })));
  expect(await screen.findByText("You have not exported anything yet", {}, WAIT)).toBeInTheDocument();
  exports = [
    {
      id: "x1",
      state: "running",
      format: "csv",
      of: { executions: {} },
      rows_written: 250,
      rows_expected: 1000,
      bytes: 2048,
      position: null,
      created_at: new Date().toISOString(),
      expires_at: null,
      error: null,
    },
  ];
  startApp("/exports");
  server.use(http.get("*/api/v1/exports", () => HttpResponse.json({ exports })));
  expect(await screen.findByRole("progressbar", { name: "Rows written" }, WAIT)).toHaveAttribute("aria-valuenow", "25");
  expect(screen.getByRole("button", { name: "Cancel the export of Executions" })).toBeInTheDocument();
});

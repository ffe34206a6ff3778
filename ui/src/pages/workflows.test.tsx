import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { WORKFLOWS } from "../../mock/data.ts";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.clear());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };
const table = () => screen.findByRole("table", { name: "Workflows" }, WAIT);
const names = async () =>
  within(await table())
    .getAllByRole("link")
    .map((link) => link.textContent);

it("lists every workflow, and narrows the list as one types, in the URL too", async () => {
  const { router } = startApp("/workflows?sort=name");
  const all = WORKFLOWS.map(({ name }) => name).sort((a, b) => a.localeCompare(b));
  expect(await names()).toEqual(all);
  const user = userEvent.setup();
  const [first = ""] = all;
  await user.type(screen.getByRole("textbox", { name: /Search workflows/ }), first);
  await waitFor(async () => expect(await names()).toEqual([first]), WAIT);
  await waitFor(() => expect(router.state.location.search).toMatchObject({ q: first, sort: "name" }), WAIT);
});

it("says when nothing matches, and takes the filters off", async () => {
  const { router } = startApp("/workflows?q=nowhere");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Remove search and filters" }, WAIT));
  expect(await names()).toHaveLength(WORKFLOWS.length);
  expect(router.state.location.search).not.toHaveProperty("q");
});

it("says why there is nothing to list yet", async () => {
  startApp("/workflows", { variant: "empty" });
  expect(await screen.findByText("No workflow yet", {}, WAIT)).toBeInTheDocument();
});

it("shows a workflow part by part, each with an address", async () => {
  const { id, name } = WORKFLOWS[0] ?? { id: "", name: "" };
  const { router } = startApp(`/workflows/${id}`);
  expect(await screen.findByRole("heading", { level: 1, name: new RegExp(name) }, WAIT)).toBeInTheDocument();
  const user = userEvent.setup();
  await user.click(screen.getByRole("link", { name: "History" }));
  expect(await screen.findByRole("table", { name: "Executions" }, WAIT)).toBeInTheDocument();
  expect(router.state.location.search).toMatchObject({ tab: "history" });
});

it("is kind about a workflow that is not there", async () => {
  startApp("/workflows/nowhere");
  expect(await screen.findByText("No such workflow, or not yours", {}, WAIT)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "All workflows" })).toHaveAttribute("href", "/workflows");
});

import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.clear());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };

async function start(path = "/settings/cost-rates") {
  const app = startApp(path);
  const user = userEvent.setup();
  await screen.findByRole("navigation", { name: "Pages" }, WAIT);
  return { ...app, user };
}

it("leads to every page, and keeps the time range on the way", async () => {
  await start("/settings/cost-rates?last=6h&tz=UTC");
  const links = within(screen.getByRole("navigation", { name: "Pages" })).getAllByRole("link");
  expect(links.map((link) => link.textContent)).toEqual([
    "Overview",
    "Live",
    "Workflows",
    "Executions",
    "Failures",
    "Performance",
    "Usage",
    "Costs",
    "System",
    "Settings",
  ]);
  for (const link of links) expect(link).toHaveAttribute("href", expect.stringMatching(/\?last=6h&tz=UTC$/));
  expect(screen.getByRole("link", { name: "Settings" })).toHaveAttribute("aria-current", "page");
});

it("goes by g and a letter, and says where", async () => {
  const { user, router } = await start();
  await user.keyboard("gy");
  await waitFor(() => expect(router.state.location.pathname).toBe("/system"));
  await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
  await waitFor(() => expect(document.querySelector('[aria-live="polite"]')).toHaveTextContent("System"), WAIT);
});

it("widens and narrows the navigation, and remembers it", async () => {
  const { user } = await start();
  await user.click(screen.getByRole("button", { name: "Widen the navigation" }));
  expect(localStorage.getItem("tacho.rail")).toBe('"wide"');
  await user.click(screen.getByRole("button", { name: "Narrow the navigation" }));
  expect(screen.getByRole("button", { name: "Widen the navigation" })).toHaveAttribute("aria-expanded", "false");
  expect(localStorage.getItem("tacho.rail")).toBe('"narrow"');
});

it("lists every shortcut on the help sheet", async () => {
  const { user } = await start();
  await user.keyboard("?");
  const sheet = within(await screen.findByRole("dialog", { name: "Keyboard shortcuts" }));
  for (const label of ["Workflows", "Search, jump to, do", "Next theme: system, light, dark"])
    expect(sheet.getByText(label)).toBeInTheDocument();
});

it("opens the palette with Ctrl and K from inside a field, and finds a page", async () => {
  const { user, router } = await start();
  await user.click(await screen.findByLabelText(/For each session/, {}, WAIT));
  await user.keyboard("{Control>}k{/Control}");
  const field = await screen.findByRole("combobox", { name: /A page, a workflow/ }, WAIT);
  expect(field).toHaveFocus();
  await user.type(field, "syst");
  const options = screen.getAllByRole("option");
  expect(options[0]).toHaveTextContent("System");
  expect(field).toHaveAttribute("aria-activedescendant", options[0]?.id);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/system"));
  expect(screen.queryByRole("combobox", { name: /A page, a workflow/ })).not.toBeInTheDocument();
});

it("finds a workflow by its name, and moves among what was found", async () => {
  const { user, router } = await start();
  await user.keyboard("/");
  const field = await screen.findByRole("combobox", { name: /A page, a workflow/ }, WAIT);
  await user.type(field, "import");
  await screen.findByRole("option", { name: /Invoice import/ }, WAIT);
  const before = field.getAttribute("aria-activedescendant");
  await user.keyboard("{ArrowDown}{ArrowUp}");
  expect(field.getAttribute("aria-activedescendant")).toBe(before);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/workflows/invoice-import"));
});

it("finds an execution by its whole id only", async () => {
  const { user, router, api } = await start();
  const { executions } = await (await api.answer(new Request("http://t/api/v1/executions?limit=1"))).json();
  const { id } = executions[0];
  await user.keyboard("/");
  const field = await screen.findByRole("combobox", { name: /A page, a workflow/ }, WAIT);
  await user.type(field, id.slice(0, -1));
  expect(await screen.findByText(/found by its whole id/)).toBeInTheDocument();
  await user.type(field, id.slice(-1));
  await user.click(await screen.findByRole("option", { name: new RegExp(id) }, WAIT));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/executions/${id}`));
});

it("offers what was looked at last, under its own name", async () => {
  const { user, router } = await start("/executions/none-such");
  localStorage.setItem("tacho.visits", JSON.stringify([{ path: "/workflows/crm-sync", title: "CRM contact sync" }]));
  await user.keyboard("/");
  await screen.findByRole("combobox", { name: /A page, a workflow/ }, WAIT);
  await user.click(screen.getByRole("option", { name: /CRM contact sync/ }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/workflows/crm-sync"));
});

it("does what has no key", async () => {
  const { user, requests } = await start();
  await user.keyboard("/");
  await user.type(await screen.findByRole("combobox", { name: /A page, a workflow/ }, WAIT), "theme dark{Enter}");
  await waitFor(() => expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "dark"));
  await waitFor(() =>
    expect(requests.some(({ method, url }) => method === "PUT" && url.endsWith("/preferences"))).toBe(true),
  );
});

import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.clear());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };
const bodiesOf = (requests: Request[], path: string) =>
  Promise.all(
    requests
      .filter(({ method, url }) => method === "PUT" && url.endsWith(path))
      .map((request) => request.clone().json()),
  );

it("shows the sections that the viewer may see, beginning with the profile", async () => {
  startApp("/settings", { variant: "viewer" });
  const sections = await screen.findByRole("navigation", { name: "Settings" }, WAIT);
  expect(
    within(sections)
      .getAllByRole("link")
      .map((link) => link.textContent),
  ).toEqual(["Profile and preferences", "Cost rates"]);
  expect(await screen.findByRole("heading", { name: "Preferences" }, WAIT)).toBeInTheDocument();
});

it("says who may see a section that an address leads to", async () => {
  startApp("/settings/audit", { variant: "viewer" });
  expect(await screen.findByText("This is for owners and admins", {}, WAIT)).toBeInTheDocument();
});

it("keeps a preference on the server, with all the others", async () => {
  const { requests } = startApp("/settings/profile");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("combobox", { name: "Period that pages begin with" }, WAIT));
  await user.click(await screen.findByRole("option", { name: "Quarter" }));
  expect(await screen.findByText("Saved")).toBeInTheDocument();
  expect(await bodiesOf(requests, "/preferences")).toEqual([
    expect.objectContaining({ default_period: "quarter", theme: "system", refresh_interval_seconds: 5 }),
  ]);
});

it("takes a choice back that the server refuses, and says so", async () => {
  startApp("/settings/profile");
  server.use(
    http.put("*/api/v1/preferences", () => HttpResponse.json({ code: "busy", detail: "Try later." }, { status: 503 })),
  );
  const user = userEvent.setup();
  const dark = await screen.findByRole("radio", { name: "Dark" }, WAIT);
  await user.click(dark);
  expect(await screen.findByText(/Your choice could not be kept/)).toBeInTheDocument();
  await waitFor(() => expect(screen.getByRole("radio", { name: "As the system" })).toBeChecked());
  expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "light");
});

it("pins metrics of the model, in an order", async () => {
  const { requests } = startApp("/settings/profile");
  const user = userEvent.setup();
  for (const name of ["Executions", "Success rate"]) {
    await user.click(await screen.findByRole("combobox", { name: "Pin a metric" }, WAIT));
    await user.click(await screen.findByRole("option", { name }));
    await screen.findByRole("button", { name: `Unpin ${name}` });
  }
  await user.click(screen.getByRole("button", { name: "Move Success rate up" }));
  const list = screen.getByRole("list", { name: "Pinned metrics" });
  await waitFor(() => expect(within(list).getAllByRole("listitem")[0]).toHaveTextContent("Success rate"));
  const bodies = await bodiesOf(requests, "/preferences");
  expect(bodies.at(-1).pinned_metrics).toEqual(["executions.success_rate", "executions.count"]);
});

it("sets cost rates, shows what they mean, and goes back to the defaults", async () => {
  const { requests } = startApp("/settings/cost-rates");
  const user = userEvent.setup();
  const minute = await screen.findByLabelText(/For each minute/, {}, WAIT);
  expect(screen.getByRole("button", { name: "Save the rates" })).toBeDisabled();
  await user.clear(minute);
  await user.type(minute, "ten");
  expect(screen.getByText(/Say an amount in US dollars/)).toBeInTheDocument();
  await user.clear(minute);
  await user.type(minute, "0.5");
  expect(screen.getByText("$30.01")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Save the rates" }));
  expect(await screen.findByText(/^Set\b/)).toBeInTheDocument();
  expect(await bodiesOf(requests, "/cost-rates")).toEqual([{ per_minute_usd: 0.5, session_minimum_usd: 0.01 }]);
  await user.click(screen.getByRole("button", { name: /Go back to the defaults/ }));
  await user.click(screen.getByRole("button", { name: "Go back to the defaults for good" }));
  expect(await screen.findByText("These are the defaults of the server.")).toBeInTheDocument();
});

it("shows cost rates to those who may not change them, with the reason", async () => {
  startApp("/settings/cost-rates", { variant: "viewer" });
  expect(await screen.findByLabelText(/For each minute/, {}, WAIT)).toHaveAttribute("readonly");
  expect(screen.getByText("Only owners and admins change the rates.")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Save the rates" })).not.toBeInTheDocument();
});

it("reads the audit log page by page, and narrows it in the URL", async () => {
  const { router } = startApp("/settings/audit");
  const user = userEvent.setup();
  const table = await screen.findByRole("table", { name: "Audit log" }, WAIT);
  expect(within(table).getAllByRole("row")).toHaveLength(4);
  expect(within(table).getByText("refused, 400")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Show more" }));
  expect(await within(table).findByText("sees what is owned")).toBeInTheDocument();
  await user.click(screen.getByRole("combobox", { name: "What was asked" }));
  await user.click(await screen.findByRole("option", { name: "List of executions" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ operation: "GET /api/v1/executions" }));
  await waitFor(() => expect(within(table).getAllByRole("row")).toHaveLength(3));
  await user.keyboard("{Escape}");
  await user.type(screen.getByLabelText(/Search in questions/), "workers");
  await waitFor(() => expect(router.state.location.search).toMatchObject({ q: "workers" }), WAIT);
  await waitFor(() => expect(within(table).getAllByRole("row")).toHaveLength(2), WAIT);
  const csv = screen.getByRole("link", { name: "CSV" });
  expect(csv).toHaveAttribute("href", expect.stringMatching(/^\/api\/v1\/audit\/export\?.*search=workers/));
});

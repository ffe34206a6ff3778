import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  retainSearchParams,
} from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { SESSION } from "../../mock/data.ts";
import { MODEL } from "../../mock/settings.ts";
import { modelQuery } from "../api/queries.ts";
import type { Preferences } from "../api/types.ts";
import { preferencesQuery } from "../session/preferences.ts";
import { sessionQuery } from "../session/session.ts";
import { ShortcutProvider } from "../shell/shortcuts.tsx";
import { ViewBar } from "./ViewBar.tsx";
import { KEPT_IN_URL, parseView, type Where } from "./view.ts";

const SHOWN = { from: "2026-11-15T12:00:00.000Z", to: "2026-11-22T12:00:00.000Z" };

const PREFERENCES: Preferences = {
  default_period: "week",
  timezone: "Europe/Berlin",
  theme: "system",
  refresh_interval_seconds: 0,
  pinned_metrics: [],
  widget_arrangement: null,
  updated_at: null,
};

/** The bar alone, below the route that keeps the view in the URL. */
async function showBar(path: string, bar: { where?: Where; onWhere?: (where: Where | undefined) => void } = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(sessionQuery.queryKey, SESSION);
  client.setQueryData(preferencesQuery.queryKey, PREFERENCES);
  client.setQueryData(modelQuery.queryKey, MODEL);
  const root = createRootRoute();
  const app = createRoute({
    getParentRoute: () => root,
    id: "app",
    validateSearch: parseView,
    search: { middlewares: [retainSearchParams(KEPT_IN_URL)] },
  });
  const page = createRoute({
    getParentRoute: () => app,
    path: "/",
    component: () => (
      <ShortcutProvider>
        <ViewBar shown={SHOWN} {...bar} />
      </ShortcutProvider>
    ),
  });
  const router = createRouter({
    routeTree: root.addChildren([app.addChildren([page])]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByRole("navigation", { name: "Period" });
  return { user: userEvent.setup(), search: () => router.state.location.search };
}

const openPicker = async (user: ReturnType<typeof userEvent.setup>) => {
  await user.click(screen.getByRole("button", { name: /^Time range/ }));
  return within(await screen.findByRole("dialog", { name: /^Time range/ }));
};

it("goes to the period before by [ and back by ]", async () => {
  const { user, search } = await showBar("/");
  expect(screen.getByRole("button", { name: "Next period" })).toBeDisabled();
  await user.keyboard("[[");
  await waitFor(() => expect(search()).toEqual({ from: "2026-11-08T12:00:00.000Z", to: "2026-11-15T12:00:00.000Z" }));
  expect(screen.getByRole("button", { name: "Next period" })).toBeEnabled();
});

it("has nowhere to go from all time", async () => {
  const { user, search } = await showBar("/?period=all");
  expect(screen.getByRole("button", { name: "Previous period" })).toBeDisabled();
  await user.keyboard("[[");
  expect(search()).toEqual({ period: "all" });
});

it("chooses a length of time, then a period, each without the other", async () => {
  const { user, search } = await showBar("/?period=month");
  await user.click((await openPicker(user)).getByRole("button", { name: "Last 6 hours" }));
  await waitFor(() => expect(search()).toEqual({ last: "6h" }));
  expect(screen.getByRole("button", { name: /^Time range/ })).toHaveTextContent("Last 6 hours");
  await user.click(screen.getByRole("link", { name: "Year" }));
  await waitFor(() => expect(search()).toEqual({ period: "year" }));
});

it("takes two ends in the zone, and says what is wrong with them", async () => {
  const { user, search } = await showBar("/");
  const picker = await openPicker(user);
  const [from, to] = [picker.getByLabelText("From"), picker.getByLabelText("To")];
  // The range that is shown is where one begins.
  expect(from).toHaveValue("2026-11-15 13:00");
  await user.clear(to);
  await user.click(picker.getByRole("button", { name: "Show this range" }));
  expect(picker.getByText(/^Say a day and a time/)).toBeInTheDocument();
  await user.type(to, "15 Nov 2026 12:00");
  expect(picker.getByText("The range must end after it starts.")).toBeInTheDocument();
  await user.clear(to);
  await user.type(to, "2026-11-15 14:30");
  await user.click(picker.getByRole("button", { name: "Show this range" }));
  await waitFor(() => expect(search()).toEqual({ from: "2026-11-15T12:00:00.000Z", to: "2026-11-15T13:30:00.000Z" }));
});

it("picks days from a month, by pointer and by keys", async () => {
  const { user, search } = await showBar("/");
  const picker = await openPicker(user);
  await user.click(picker.getByRole("button", { name: "Tuesday, 17 November 2026" }));
  expect(picker.getByLabelText("From")).toHaveValue("2026-11-17");
  await user.keyboard("{ArrowRight}{ArrowDown}{ArrowUp}{Enter}");
  expect(picker.getByLabelText("To")).toHaveValue("2026-11-18");
  await user.click(picker.getByRole("button", { name: "Show this range" }));
  await waitFor(() => expect(search()).toEqual({ from: "2026-11-16T23:00:00.000Z", to: "2026-11-18T23:00:00.000Z" }));
});

it("keeps a range that ends now rolling", async () => {
  const { user, search } = await showBar("/");
  const picker = await openPicker(user);
  for (const [label, text] of [
    ["From", "now-10d"],
    ["To", "now"],
  ] as const) {
    await user.clear(picker.getByLabelText(label));
    await user.type(picker.getByLabelText(label), text);
  }
  await user.keyboard("{Enter}");
  await waitFor(() => expect(search()).toEqual({ last: "10d" }));
});

it("counts in another zone, which the URL names unless it is the viewer's own", async () => {
  const { user, search } = await showBar("/");
  const picker = await openPicker(user);
  const zone = picker.getByRole("combobox", { name: "Times and days in" });
  await user.click(zone);
  await user.clear(zone);
  await user.type(zone, "Tokyo");
  await user.click(await picker.findByRole("option", { name: "Asia/Tokyo" }));
  await waitFor(() => expect(search()).toEqual({ tz: "Asia/Tokyo" }));
  expect(picker.getByLabelText("From")).toHaveValue("2026-11-15 21:00");
});

it("compares with what is chosen", async () => {
  const { user, search } = await showBar("/");
  await user.click(screen.getByRole("button", { name: /previous period/ }));
  await user.click(await screen.findByRole("menuitem", { name: "A year before" }));
  await waitFor(() => expect(search()).toEqual({ compare: "last_year" }));
  await user.click(screen.getByRole("button", { name: /a year before/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Previous period" }));
  await waitFor(() => expect(search()).toEqual({}));
});

it("shows filters under the model's names, and takes them off", async () => {
  const asked: (Where | undefined)[] = [];
  const where = { workflow: ["w1"], "!status": ["failed"] };
  const { user } = await showBar("/", { where, onWhere: (next) => asked.push(next) });
  await user.click(screen.getByRole("button", { name: /Status: not failed/ }));
  await user.click(screen.getByRole("button", { name: "Remove all" }));
  expect(asked).toEqual([{ workflow: ["w1"] }, undefined]);
});

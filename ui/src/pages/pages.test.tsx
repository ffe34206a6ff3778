import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { server, startApp } from "../test/app.tsx";

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => localStorage.setItem("tacho.refresh-ms", "0"));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const WAIT = { timeout: 8_000 };

it("asks all numbers of the Overview in one request, and shows what was answered", async () => {
  const { requests } = startApp("/?period=day");
  const cards = await screen.findByRole("list", { name: "Key figures" }, WAIT);
  expect(within(cards).getAllByRole("listitem")).toHaveLength(7);
  expect(within(cards).getByText("Success rate")).toBeInTheDocument();
  expect(requests.filter(({ url }) => url.endsWith("/api/v1/query"))).toHaveLength(1);
  const rows = await screen.findByRole("table", { name: "Recent executions" }, WAIT);
  expect(within(rows).getAllByRole("row").length).toBeGreaterThan(5);
});

it("leads from a status to its executions, with the filters of the page", async () => {
  const { router } = startApp("/?where=%7B%22trigger_type%22%3A%5B%22manual%22%5D%7D");
  await userEvent.setup().click(await screen.findByRole("link", { name: /^Failed[^:]/ }, WAIT));
  await waitFor(() => expect(router.state.location.pathname).toBe("/executions"), WAIT);
  expect(router.state.location.search).toEqual({ where: { trigger_type: ["manual"], status: ["failed"] } });
});

it("hides a widget of the Overview for good, and takes that back", async () => {
  const { api } = startApp("/");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Arrange" }, WAIT));
  await screen.findByRole("heading", { name: "Recent executions" }, WAIT);
  await user.click(await screen.findByRole("switch", { name: "Recent executions" }, WAIT));
  await waitFor(
    () => expect(screen.queryByRole("heading", { name: "Recent executions" })).not.toBeInTheDocument(),
    WAIT,
  );
  await waitFor(() => expect(api.widgetArrangement).toMatchObject({ overview: { hidden: ["executions"] } }), WAIT);
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(await screen.findByRole("heading", { name: "Recent executions" }, WAIT)).toBeInTheDocument();
  await waitFor(() => expect(api.widgetArrangement).toBeNull(), WAIT);
});

it("shows the command that sends a first record where nothing was ever sent", async () => {
  startApp("/", { variant: "empty" });
  const user = userEvent.setup();
  expect(await screen.findByText("Nothing has been sent to Tacho yet.", {}, WAIT)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Put a new API key in" }));
  expect(await screen.findByText(/Bearer tacho_/)).toBeInTheDocument();
});

it("says what failed, with the request id and a way to try again", async () => {
  const { api } = startApp("/", { variant: "error" });
  const alert = await screen.findByRole("alert", {}, WAIT);
  expect(alert).toHaveTextContent("The numbers could not be loaded");
  expect(alert).toHaveTextContent(/Request 01JD/);
  api.variant = "full";
  await userEvent.setup().click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("list", { name: "Key figures" }, WAIT)).toBeInTheDocument();
});

it("sends whoever is not signed in to sign in, and back to where they were going", async () => {
  const { router } = startApp("/settings", { signedIn: false });
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/E-mail/, {}, WAIT), "ada@example.com");
  const password = screen.getByLabelText(/^Password/, { selector: "input" });
  await user.type(password, "wrong");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("not right");
  await user.clear(password);
  await user.type(password, "right");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await screen.findByRole("heading", { level: 1, name: "Settings" }, WAIT);
  expect(router.state.location.pathname).toBe("/settings");
});

it("never returns to another site after signing in", async () => {
  const { router } = startApp("/sign-in?next=//evil.example", { signedIn: false });
  await screen.findByRole("heading", { level: 1, name: "Sign in" }, WAIT);
  expect(router.state.location.search).toEqual({ next: "/" });
});

it("says that a set-up link is spent", async () => {
  startApp("/setup?token=expired", { variant: "setup" });
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/Organization/, {}, WAIT), "Example");
  await user.type(screen.getByLabelText(/Your e-mail/), "a@example.com");
  await user.type(screen.getByLabelText(/^Password/, { selector: "input" }), "short");
  await user.click(screen.getByRole("button", { name: "Create organization" }));
  expect(await screen.findByText(/Use at least 12 characters/)).toBeInTheDocument();
  await user.type(screen.getByLabelText(/^Password/, { selector: "input" }), " but longer now");
  await user.click(screen.getByRole("button", { name: "Create organization" }));
  expect(await screen.findByRole("heading", { name: "This link no longer works" }, WAIT)).toBeInTheDocument();
});

it("mends a dead letter and replays it", async () => {
  startApp("/system?letter=d2");
  const user = userEvent.setup();
  const editor = await screen.findByLabelText("Record", { selector: "textarea" }, WAIT);
  await user.click(screen.getByRole("button", { name: "Replay" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("duration_ms is -400");
  await user.clear(editor);
  expect(screen.getByRole("button", { name: "Replay" })).toBeDisabled();
  await user.type(editor, '{{"type":"execution","duration_ms":400}');
  await user.click(screen.getByRole("button", { name: "Validate and keep" }));
  expect(await screen.findByText(/Valid, and kept/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Replay" }));
  expect(await screen.findByText("Replayed. The record is accepted.", {}, WAIT)).toBeInTheDocument();
});

it("shows a new key once", async () => {
  startApp("/settings/keys");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Create a key" }, WAIT));
  await user.type(screen.getByLabelText(/^Name/), "Workers");
  await user.click(screen.getByRole("button", { name: "Create the key" }));
  expect(await screen.findByText(/^tacho_n3wK.{20,}/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "I have kept it" }));
  expect(screen.queryByText(/^tacho_n3wK.{20,}/)).not.toBeInTheDocument();
});

it("hides what a viewer may not do", async () => {
  startApp("/settings", { variant: "viewer" });
  await screen.findByRole("heading", { level: 1, name: "Settings" }, WAIT);
  expect(screen.queryByText("API keys")).not.toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "System" })).not.toBeInTheDocument();
});

it("has a page for addresses that lead nowhere", async () => {
  startApp("/nowhere");
  expect(await screen.findByRole("heading", { name: "There is no page here" }, WAIT)).toBeInTheDocument();
});

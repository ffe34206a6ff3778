import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { ShortcutProvider, useShortcutList, useShortcuts } from "./shortcuts.tsx";

function Chart() {
  useShortcuts([{ keys: "t", label: "Chart as a table", group: "Chart and table" }]);
  return null;
}

function List() {
  return (
    <ul>
      {useShortcutList().map(({ keys, label }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what comes twice is to be seen twice
        <li key={index}>{`${keys} ${label}`}</li>
      ))}
    </ul>
  );
}

it("lists a key once that several charts of a page register", async () => {
  render(
    <ShortcutProvider>
      <Chart />
      <Chart />
      <List />
    </ShortcutProvider>,
  );
  expect((await screen.findAllByRole("listitem")).map(({ textContent }) => textContent)).toEqual([
    "t Chart as a table",
  ]);
});

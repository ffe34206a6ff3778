import { MantineProvider } from "@mantine/core";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { TipLayer } from "./TipLayer.tsx";
import { tip } from "./tip.ts";

function Page({ label = "Exactly then" }: { label?: string }) {
  return (
    <MantineProvider env="test">
      <button type="button" {...tip(label)}>
        Then
      </button>
      <button type="button" {...tip(null)}>
        Plain
      </button>
      <TipLayer />
    </MantineProvider>
  );
}

it("shows the tip of what is pointed at, as its description, until somebody points elsewhere", async () => {
  const { rerender } = render(<Page />);
  const user = userEvent.setup();
  const button = screen.getByRole("button", { name: "Then" });
  await user.hover(button);
  expect(await screen.findByRole("tooltip")).toHaveTextContent("Exactly then");
  expect(button).toHaveAccessibleDescription("Exactly then");
  rerender(<Page label="Just now" />);
  await waitFor(() => expect(screen.getByRole("tooltip")).toHaveTextContent("Just now"));
  await user.hover(screen.getByRole("button", { name: "Plain" }));
  expect(screen.queryByRole("tooltip")).not.toBeInTheDocument();
  expect(button).not.toHaveAttribute("aria-describedby");
});

it("shows the tip of what somebody comes to by keyboard, and hides it with Escape", async () => {
  render(<Page />);
  const user = userEvent.setup();
  await user.tab();
  expect(await screen.findByRole("tooltip")).toHaveTextContent("Exactly then");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("tooltip")).not.toBeInTheDocument();
  await user.tab();
  expect(screen.queryByRole("tooltip")).not.toBeInTheDocument();
});

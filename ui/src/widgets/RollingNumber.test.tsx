import { act, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { RollingNumber } from "./RollingNumber.tsx";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("rolls the digits that change, is read as a whole, and comes to rest", () => {
  vi.useFakeTimers();
  const { container, rerender } = render(<RollingNumber value={129} text="129" />);
  expect(container).toHaveTextContent(/^129$/);
  rerender(<RollingNumber value={131} text="131" />);
  expect(screen.getByText("131")).toHaveClass("visually-hidden");
  const rolling = container.querySelector("[data-up]");
  expect(rolling).toHaveAttribute("aria-hidden", "true");
  expect([...(rolling?.children ?? [])].map((digit) => digit.className !== "")).toEqual([false, true, true]);
  act(() => void vi.advanceTimersByTime(400));
  expect(container).toHaveTextContent(/^131$/);
});

it("stands still where motion is not wanted, and where nothing was known before", () => {
  const { container, rerender } = render(<RollingNumber value={null} text="–" />);
  rerender(<RollingNumber value={3} text="3" />);
  expect(container).toHaveTextContent(/^3$/);
  vi.spyOn(window, "matchMedia").mockImplementation(
    (media) => ({ matches: true, media, addEventListener() {}, removeEventListener() {} }) as never,
  );
  const still = render(<RollingNumber value={1} text="1" />);
  still.rerender(<RollingNumber value={2} text="2" />);
  expect(still.container).toHaveTextContent(/^2$/);
});

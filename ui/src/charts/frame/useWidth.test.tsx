import { act, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { useWidth } from "./useWidth.ts";

type Observed = (entries: { contentRect: { width: number } }[]) => void;

const observers: { tell: Observed; isOn: boolean }[] = [];

vi.stubGlobal(
  "ResizeObserver",
  class {
    own: (typeof observers)[number];
    constructor(tell: Observed) {
      this.own = { tell, isOn: false };
      observers.push(this.own);
    }
    observe() {
      this.own.isOn = true;
    }
    disconnect() {
      this.own.isOn = false;
    }
  },
);

afterEach(() => observers.splice(0));

function Measured() {
  const { ref, width } = useWidth();
  return <output ref={ref}>{width}</output>;
}

it("has the new width drawn when the browser has told it, not a frame later", () => {
  render(<Measured />);
  for (const width of [174, 1150]) {
    act(() => {
      observers[0]?.tell([{ contentRect: { width } }]);
      expect(screen.getByRole("status").textContent).toBe(String(width));
    });
  }
});

it("stops listening when the element goes", () => {
  const { unmount } = render(<Measured />);
  expect(observers.map(({ isOn }) => isOn)).toEqual([true]);
  unmount();
  expect(observers.map(({ isOn }) => isOn)).toEqual([false]);
});

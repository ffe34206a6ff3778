import { render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PaletteDoor } from "./Door.tsx";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const DOOR = { open: () => {}, close: () => {} };

it("fetches the palette once the page rests, and not for a page that has gone by then", () => {
  const { unmount } = render(<PaletteDoor isOpen={false} {...DOOR} />);
  expect(vi.getTimerCount()).toBe(1);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});

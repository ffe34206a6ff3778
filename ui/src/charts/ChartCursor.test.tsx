import { act, render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { bucketAt, ChartCursorProvider, useChartCursor } from "./ChartCursor.tsx";

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString();
const hours = { starts: [at(0), at(1), at(2), at(3)], ends: [at(1), at(2), at(3), at(4)] };
const halfDays = { starts: [at(0), at(2)], ends: [at(2), at(4)] };

it("finds the bucket that holds an instant", () => {
  const begins = hours.starts.map((start) => Date.parse(start));
  const end = Date.parse(at(4));
  expect([0, 1, 2, 3].map((index) => bucketAt(begins, end, (begins[index] ?? 0) + 1))).toEqual([0, 1, 2, 3]);
  expect(bucketAt(begins, end, end)).toBeNull();
  expect(bucketAt(begins, end, (begins[0] ?? 0) - 1)).toBeNull();
  expect(bucketAt([], Number.NaN, 1)).toBeNull();
});

const moves: Record<string, (index: number | null) => void> = {};
const renders: Record<string, number> = {};
function Probe({ name, buckets }: { name: string; buckets: typeof hours }) {
  const { index, move } = useChartCursor(buckets);
  moves[name] = move;
  renders[name] = (renders[name] ?? 0) + 1;
  return <output aria-label={name}>{String(index)}</output>;
}
const shown = (name: string) => screen.getByRole("status", { name }).textContent;

describe("the cross-hair of a page", () => {
  it("is at the same instant in all charts, and renders only those whose bucket changes", () => {
    render(
      <ChartCursorProvider>
        <Probe name="hours" buckets={hours} />
        <Probe name="halves" buckets={halfDays} />
      </ChartCursorProvider>,
    );
    act(() => moves.hours?.(2));
    expect([shown("hours"), shown("halves")]).toEqual(["2", "1"]);
    const before = renders.halves;
    act(() => moves.hours?.(3));
    expect([shown("hours"), shown("halves")]).toEqual(["3", "1"]);
    expect(renders.halves).toBe(before);
    act(() => moves.hours?.(null));
    expect([shown("hours"), shown("halves")]).toEqual(["null", "null"]);
  });
  it("is the chart's own without a provider", () => {
    render(
      <>
        <Probe name="hours" buckets={hours} />
        <Probe name="halves" buckets={halfDays} />
      </>,
    );
    act(() => moves.hours?.(1));
    expect([shown("hours"), shown("halves")]).toEqual(["1", "null"]);
  });
});

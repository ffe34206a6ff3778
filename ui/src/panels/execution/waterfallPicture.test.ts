import { expect, it } from "vitest";
import { lookOf } from "../../charts/testing/look.ts";
import { TOKENS } from "../../theme/tokens.ts";
import type { WaterfallRow } from "./waterfall.ts";
import { waterfallKeys, waterfallOption } from "./waterfallPicture.ts";

const row: WaterfallRow = {
  key: "read#1",
  name: "Read",
  type: null,
  attempt: 1,
  attempts: 1,
  state: "completed",
  kind: "active",
  target: null,
  durationMs: 500,
  bar: { left: 0, width: 50 },
  offsetMs: 0,
  error: null,
  inputBytes: null,
  outputBytes: null,
};
const rows: WaterfallRow[] = [
  row,
  { ...row, key: "ask#1", name: "Ask", kind: "human", bar: { left: 50, width: 25 }, offsetMs: 500, durationMs: 250 },
  { ...row, key: "write#1", name: "Write", state: "failed", bar: { left: 75, width: 25 }, offsetMs: 750 },
  { ...row, key: "tell#1", name: "Tell", state: "skipped", bar: null, durationMs: null },
];

interface Drawn {
  type: string;
  shape?: { x: number; width: number };
  style: { text?: string; fill?: string };
}

function drawn(): Drawn[] {
  const { series } = waterfallOption(rows, 1000, lookOf(640, 240)) as {
    series: { renderItem: () => { children: Drawn[] } }[];
  };
  return series.flatMap(({ renderItem }) => renderItem().children);
}

it("draws a bar for each step whose times are known, as long as its part of the run", () => {
  const [read, ask, write, ...others] = drawn().filter(({ type }) => type === "rect");
  expect(others).toEqual([]);
  const length = read?.shape?.width ?? 0;
  expect([ask?.shape?.width, write?.shape?.width]).toEqual([length / 2, length / 2]);
  expect(ask?.shape?.x).toBeCloseTo((read?.shape?.x ?? 0) + length);
  expect(write?.style.fill).toBe(TOKENS.light.status.failed);
});

it("names each step, and says how long it took and how it went", () => {
  const texts = drawn().flatMap(({ style }) => style.text?.replaceAll("\u00A0", " ") ?? []);
  for (const text of ["Read", "500 ms", "Ask", "250 ms", "Failed, 500 ms", "Skipped, –"]) expect(texts).toContain(text);
});

it("explains just the colours that are there", () =>
  expect(waterfallKeys(rows, TOKENS.light).map(({ label }) => label)).toEqual([
    "Works",
    "Waits for a person",
    "Failed",
  ]));

import { expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { binsOf, whereOfBin } from "./durationBins.ts";

/** The least whole milliseconds of the server's buckets, as it names them. */
const NAMES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 18, 20, 23, 26, 29, 32, 100, 1000, 1123, 1259, 1413, 10_000,
];

it("leads from a bin to just its executions", () => {
  const rows = NAMES.map((name) => [name, 1]);
  const bins = binsOf(answerOf({ dimensions: ["duration_bucket"], measures: ["count"], rows, totals: [0] }));
  const found = bins.filter(({ count }) => count > 0).map(({ from, to }) => whereOfBin(from, to));
  expect(found.map((where) => Number(where["duration.gte"]?.[0]))).toEqual(NAMES);
  for (const [index, where] of found.entries()) {
    const end = Number(where["duration.lt"]?.[0]);
    expect(end).toBeGreaterThan(NAMES[index] ?? 0);
    expect(end).toBeLessThanOrEqual(NAMES[index + 1] ?? Number.POSITIVE_INFINITY);
  }
});

it("has neighbours share an end, so that no execution is behind two bars or none", () => {
  const rows = [
    [1, 1],
    [100_000, 1],
  ];
  const bins = binsOf(answerOf({ dimensions: ["duration_bucket"], measures: ["count"], rows, totals: [2] }));
  const ranges = bins.map(({ from, to }) => whereOfBin(from, to));
  expect(ranges.slice(1).map((where) => where["duration.gte"])).toEqual(
    ranges.slice(0, -1).map((where) => where["duration.lt"]),
  );
});

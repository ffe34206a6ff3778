import { expect, it } from "vitest";
import { dayAfter, dayOf, plusMonths, weeksOf } from "./month.ts";

it("has whole weeks from Monday, and no week of another month", () => {
  const weeks = weeksOf("2026-11-20");
  expect(weeks).toHaveLength(6);
  expect(weeks.map(([monday]) => monday)).toEqual([
    "2026-10-26",
    "2026-11-02",
    "2026-11-09",
    "2026-11-16",
    "2026-11-23",
    "2026-11-30",
  ]);
  expect(weeks.every((week) => week.length === 7)).toBe(true);
  expect(weeksOf("2027-02-10")).toHaveLength(4);
});

it("goes by keys from day to day, over the ends of months and years", () => {
  expect(dayAfter("ArrowRight", "2026-12-31")).toBe("2027-01-01");
  expect(dayAfter("ArrowUp", "2026-11-03")).toBe("2026-10-27");
  expect(dayAfter("Home", "2026-11-22")).toBe("2026-11-16");
  expect(dayAfter("End", "2026-11-16")).toBe("2026-11-22");
  expect(dayAfter("PageUp", "2026-03-31")).toBe("2026-02-28");
  expect(dayAfter("Enter", "2026-11-16")).toBeNull();
});

it("keeps to days that there are", () => {
  expect(plusMonths("2028-01-31", 1)).toBe("2028-02-29");
  expect(dayOf(2026, 11, 31)).toBeNull();
  expect(dayOf(2026, 13, 1)).toBeNull();
});

import { describe, expect, it } from "vitest";
import { type Entry, type EntryGroup, find, mayBeId } from "./entries.ts";
import { fuzzy } from "./fuzzy.ts";

const score = (text: string, typed: string) => fuzzy(text, typed)?.score ?? Number.NEGATIVE_INFINITY;

describe("fuzzy", () => {
  it("prefers a beginning to a word to an inside to initials", () => {
    const scores = ["Invoice import", "Daily invoice", "Reinvoicing", "Inner voice"].map((text) =>
      score(text, "invoic"),
    );
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBe(4);
  });
  it("finds the beginnings of words", () => {
    expect(fuzzy("Competitor price watch", "cpw")?.at).toEqual([0, 11, 17]);
    expect(fuzzy("CRM contact sync", "sync")?.at).toEqual([12, 13, 14, 15]);
  });
  it("does not leap over what it still needs", () => {
    expect(fuzzy("best start", "bst")?.at).toEqual([0, 5, 6]);
    expect(fuzzy("test s", "ts")?.at).toEqual([0, 5]);
  });
  it("refuses letters strewn over words", () => {
    expect(fuzzy("Settings", "xyz")).toBeNull();
    expect(fuzzy("Copy a link to this view", "inv")).toBeNull();
  });
  it("is not slow where every word is alike", () => {
    const before = performance.now();
    expect(fuzzy("a ".repeat(200), "aaaaaaaaaaaaaaaaaaaab")).toBeNull();
    expect(performance.now() - before).toBeLessThan(500);
  });
  it("marks nothing where lower case has another length", () => expect(fuzzy("İstanbul", "stan")?.at).toEqual([]));
  it("takes everything for nothing typed", () => expect(fuzzy("Costs", "  ")).toEqual({ score: 0, at: [] }));
});

const entry = (group: EntryGroup, label: string, hint?: string): Entry => ({
  id: label,
  group,
  label,
  hint,
  icon: "search",
  run: () => undefined,
});
const ENTRIES = [
  entry("Pages", "Overview"),
  entry("Pages", "Costs"),
  entry("Workflows", "Cost report", "cost-report"),
  entry("Workflows", "Bank download", "wf_4711"),
  entry("Actions", "Copy a link to this view"),
  entry("Recent", "Invoice import"),
];
const labels = (typed: string, entries = ENTRIES) =>
  find(entries, typed).flatMap(({ found }) => found.map((each) => each.entry.label));

describe("find", () => {
  it("begins with what was visited, and leaves workflows until something is typed", () => {
    expect(labels("")).toEqual(["Invoice import", "Overview", "Costs", "Copy a link to this view"]);
  });
  it("leads with the group of the best answer", () => {
    expect(find(ENTRIES, "costs")[0]?.group).toBe("Pages");
    expect(labels("bank")[0]).toBe("Bank download");
  });
  it("finds a workflow by its id", () => expect(labels("4711")).toEqual(["Bank download"]));
  it("puts an execution first, whatever its id looks like", () => {
    const execution = entry("Execution", "run_9");
    expect(labels("costs", [...ENTRIES, execution])[0]).toBe("run_9");
  });
  it("shows no more of a group than can be looked over", () => {
    const many = Array.from({ length: 500 }, (_, index) => entry("Workflows", `Sync ${index}`));
    expect(labels("sync", many)).toHaveLength(8);
  });
});

it("asks only for what could be an id", () => {
  expect(mayBeId("run_k3v90a1")).toBe(true);
  expect(mayBeId("cost report")).toBe(false);
  expect(mayBeId("abc")).toBe(false);
});

import { expect, it } from "vitest";
import { treeOf } from "./tree.ts";

it("lays JSON out as a tree with paths", () => {
  const tree = treeOf({ a: [1, "x"], b: null, c: { d: true } });
  expect(tree).toMatchObject({ kind: "object", text: "3 items" });
  expect(tree.children?.map(({ path, kind, text }) => [path, kind, text])).toEqual([
    ["a", "list", "2 items"],
    ["b", "null", "null"],
    ["c", "object", "1 item"],
  ]);
  expect(tree.children?.[0]?.children?.map(({ path, kind, text }) => [path, kind, text])).toEqual([
    ["a.0", "number", "1"],
    ["a.1", "text", "x"],
  ]);
});

/** JSON as a tree to look at. Pure. */

export interface TreeNode {
  /** Where it is, as a path: "a.b.0". */
  path: string;
  name: string;
  /** What it holds; null for a plain value. */
  children: TreeNode[] | null;
  /** A plain value as text, or what a branch holds: "3 items". */
  text: string;
  kind: "text" | "number" | "boolean" | "null" | "list" | "object";
}

export function treeOf(value: unknown, name = "", path = ""): TreeNode {
  const child = (key: string, each: unknown) => treeOf(each, key, path ? `${path}.${key}` : key);
  if (Array.isArray(value)) {
    const children = value.map((each, index) => child(String(index), each));
    return { path, name, children, text: items(children.length), kind: "list" };
  }
  if (typeof value === "object" && value !== null) {
    const children = Object.entries(value).map(([key, each]) => child(key, each));
    return { path, name, children, text: items(children.length), kind: "object" };
  }
  if (typeof value === "number" || typeof value === "boolean")
    return { path, name, children: null, text: String(value), kind: typeof value as "number" | "boolean" };
  if (value == null) return { path, name, children: null, text: "null", kind: "null" };
  return { path, name, children: null, text: String(value), kind: "text" };
}

function items(count: number): string {
  return count === 1 ? "1 item" : `${count} items`;
}

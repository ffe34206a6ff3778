import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const root = new URL("../", import.meta.url);

it("what is built is found by its name, and needs no other package", async () => {
  const name = "@tacho/client";
  const [main, spool, live] = await Promise.all([import(name), import(`${name}/spool`), import(`${name}/live`)]);
  for (const one of [main.Tacho, spool.FolderSpool, live.LiveConnection]) expect(typeof one).toBe("function");
  expect(main.LiveConnection).toBe(live.LiveConnection);
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  expect(dependencies).toBeUndefined();
});

it("only the spool needs Node; everything else runs in browsers", async () => {
  const files = (await readdir(new URL("dist", root), { recursive: true })).filter((file) => file.endsWith(".js"));
  expect(files).toEqual(expect.arrayContaining(["tacho.js", "live/connection.js"]));
  for (const file of files) {
    const text = await readFile(new URL(`dist/${file}`, root), "utf8");
    const imports = [...text.matchAll(/(?:from|import) "([^".][^"]*)"/g)].map(([, from]) => from);
    if (file === "spool.js") for (const from of imports) expect(from).toMatch(/^node:/);
    else expect(imports, file).toEqual([]);
  }
});

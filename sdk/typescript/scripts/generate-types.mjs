// Makes src/wire.gen.ts from those schemas of openapi.json that this client uses. With --check: fails when it is stale.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const ROOTS = ["Record", "IngestAnswer", "Query", "Answer", "BatchAnswer", "Model", "Problem"];
const target = new URL("../src/wire.gen.ts", import.meta.url);

const { schemas } = JSON.parse(await readFile(new URL("../../../openapi.json", import.meta.url), "utf8")).components;
const used = new Set();
const waiting = [...ROOTS];
while (waiting.length > 0) {
  const name = waiting.pop();
  if (used.has(name)) continue;
  used.add(name);
  for (const [, other] of JSON.stringify(schemas[name]).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    waiting.push(other);
}
const document = {
  openapi: "3.1.0",
  info: { title: "Tacho", version: "1" },
  paths: {},
  components: { schemas: Object.fromEntries([...used].sort().map((name) => [name, schemas[name]])) },
};
const text = `// Made from openapi.json by \`npm run generate:types\`.\n\n${astToString(await openapiTS(document))}`;
if (!process.argv.includes("--check")) {
  await writeFile(target, text);
} else if ((await readFile(target, "utf8")) !== text) {
  console.error("src/wire.gen.ts is stale: run `npm run generate:types`.");
  process.exit(1);
}

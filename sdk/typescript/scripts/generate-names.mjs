// Makes src/names.gen.ts from the semantic model of the server at TACHO_URL, asked with TACHO_API_KEY.
import { writeFile } from "node:fs/promises";

const response = await fetch(`${process.env.TACHO_URL}/api/v1/model`, {
  headers: { authorization: `Bearer ${process.env.TACHO_API_KEY}` },
});
if (!response.ok) throw new Error(`HTTP ${response.status}`);
const { sources } = await response.json();
const union = (things) => things.map(({ name }) => `\n      | "${name}"`).join("");
const entry = ({ name, measures, dimensions, filters }) =>
  `  ${name}: {\n    measure:${union(measures)};\n    dimension:${union(dimensions)};\n    field:${union(filters)};\n  };\n`;
await writeFile(
  new URL("../src/names.gen.ts", import.meta.url),
  "// Made from the semantic model of a server by `npm run generate:names`.\n\n" +
    "/** What each source can be asked for, grouped by and filtered by. */\n" +
    `export interface Sources {\n${sources.map(entry).join("")}}\n`,
);

// The size gate: what a browser loads before the Overview stands, gzipped. Charts may not be part of it. And that the styles
// of every component in use are there: src/theme/styles.css names them one by one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { firstLoad } from "./first-load.mjs";

const LIMIT_KB = 250;
const dist = process.argv[2] ?? "dist";
const { manifest, wanted, files } = firstLoad(dist);

let total = 0;
for (const file of files) {
  const bytes = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} KB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} KB  of ${LIMIT_KB} KB before the Overview stands`);

const drawing = Object.keys(manifest).find((key) => manifest[key].name === "drawing");
if (drawing === undefined || wanted.has(drawing)) {
  console.error("What draws charts is no longer a file of its own.");
  process.exit(1);
}
if (total / 1000 > LIMIT_KB) {
  console.error("Over the limit. Load lazily what the first page does not need, or do without it.");
  process.exit(1);
}

const classesIn = (files) =>
  new Set(files.flatMap((file) => readFileSync(file, "utf8").match(/\bm_[0-9a-f]{5,}\b/g) ?? []));
const built = readdirSync(join(dist, "assets")).map((file) => join(dist, "assets", file));
const [inScripts, inStyles] = [".js", ".css"].map((kind) => classesIn(built.filter((file) => file.endsWith(kind))));
const styled = classesIn(["core", "notifications"].map((name) => `node_modules/@mantine/${name}/styles.css`));
const bare = [...inScripts].filter((name) => styled.has(name) && !inStyles.has(name));
if (bare.length > 0) {
  console.error(`Styles are missing of ${bare.join(", ")}: import them in src/theme/styles.css.`);
  process.exit(1);
}

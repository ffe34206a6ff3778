import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Scripts that a browser loads before the Overview stands, charts apart: what its page imports, by the bundler's manifest. */
export function firstLoad(dist) {
  const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
  const wanted = new Set();
  const walk = (key) => {
    if (wanted.has(key)) return;
    wanted.add(key);
    for (const next of manifest[key].imports ?? []) walk(next);
  };
  walk("index.html");
  walk("src/pages/OverviewPage.tsx");
  return { manifest, wanted, files: [...wanted].map((key) => manifest[key].file) };
}

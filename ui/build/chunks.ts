import { join } from "node:path";
import type { Rolldown } from "vite";

const SOURCE = join(import.meta.dirname, "../src");
/** What so many pages need is one file with all else of that kind, though a page may not need all of it. */
const PAGES_MANY = 3;

type Find = Rolldown.ChunkingContext["getModuleInfo"];

/** The modules that come with these, without those that they load only when they are needed. */
function withImports(ids: Iterable<string>, find: Find): Set<string> {
  const found = new Set(ids);
  for (const id of found) {
    for (const imported of find(id)?.importedIds ?? []) found.add(imported);
  }
  return found;
}

interface Parts {
  app: Set<string>;
  first: Set<string>;
  charts: Set<string>;
  drawing: Set<string>;
  /** How many pages need a module. */
  pages: Map<string, number>;
}

function partsOf(find: Find): Parts {
  const named = (...names: string[]) => names.map((name) => join(SOURCE, name));
  const app = withImports(named("main.tsx"), find);
  const entries = [...app].flatMap((id) => find(id)?.dynamicallyImportedIds ?? []);
  const pages = new Map<string, number>();
  for (const entry of entries.filter((id) => id.startsWith(join(SOURCE, "pages")))) {
    for (const id of withImports([entry], find)) pages.set(id, (pages.get(id) ?? 0) + 1);
  }
  return {
    app,
    first: withImports(named("pages/OverviewPage.tsx"), find),
    charts: withImports(named("charts/TimeChart.tsx", "charts/BarChart.tsx", "charts/DonutChart.tsx"), find),
    drawing: withImports(named("charts/Canvas.tsx", "charts/time/TimePlot.tsx", "charts/time/options.ts"), find),
    pages,
  };
}

/**
 * Which file a module goes into; null leaves it to the bundler. Left alone, it makes a file for each set of pages that share
 * something: sixty for Overview, and a browser with six connections spends more time on asking than on loading.
 */
export function chunkOf(): (id: string, context: Rolldown.ChunkingContext) => string | null {
  let parts: Parts | undefined;
  return (id, context) => {
    parts ??= partsOf((found) => context.getModuleInfo(found));
    const pages = parts.pages.get(id) ?? 0;
    if (parts.app.has(id)) return "app";
    if (parts.first.has(id)) return pages > 1 || parts.charts.has(id) || parts.drawing.has(id) ? "page" : null;
    if (parts.charts.has(id)) return "charts";
    if (parts.drawing.has(id)) return "drawing";
    return pages >= PAGES_MANY ? "pages" : null;
  };
}

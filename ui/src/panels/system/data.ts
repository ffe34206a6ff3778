/** The state of the parts, in words. Pure. */
import type { System } from "../../api/types.ts";
import { bytes, duration, exactCount, percent, plural, share } from "../../format/format.ts";

export type Health = "well" | "attention" | "broken";

export interface Verdict {
  health: Health;
  sentence: string;
}

/** Behind by more than this, the store is worth a look; queries then answer for a moment that is past. */
const LAG_MS_NOTABLE = 5_000;
/** Free space within this factor of where ingest stops is worth a look. */
const DISK_HEADROOM = 3;

export function verdictOnJournal({ journal }: System): Verdict {
  if (journal.damages > 0) {
    return {
      health: "broken",
      sentence: `${plural(journal.damages, "damaged place")} found and stepped over. Run tacho store verify to see which.`,
    };
  }
  return { health: "well", sentence: "What is acknowledged is on disk." };
}

export function verdictOnStore({ store }: System): Verdict {
  if (store.state === "degraded") {
    return {
      health: "broken",
      sentence: `The store is being reopened.${store.last_error ? ` ${store.last_error}` : ""}`,
    };
  }
  if (store.state === "rebuilding") {
    const progress = store.rebuild_progress == null ? "" : `, ${Math.floor(store.rebuild_progress * 100)} % done`;
    return { health: "attention", sentence: `The store is being rebuilt from the journal${progress}. Ingest goes on.` };
  }
  if (store.lag_ms > LAG_MS_NOTABLE) {
    return {
      health: "attention",
      sentence: `The store is ${duration(store.lag_ms)} behind the journal (${plural(store.lag_records, "record")}).`,
    };
  }
  return { health: "well", sentence: "Open and up to date." };
}

export function verdictOnIngest({ ingest }: System): Verdict {
  if (ingest.stopped_reason) return { health: "broken", sentence: `Stopped. ${ingest.stopped_reason}` };
  if (ingest.queue_limit > 0 && ingest.queue_records > ingest.queue_limit * 0.8) {
    return { health: "attention", sentence: "The queue is nearly full; senders may be told to wait." };
  }
  return { health: "well", sentence: "Accepting records." };
}

export function verdictOnDisk({ disk }: System): Verdict {
  if (disk.free_bytes <= disk.stop_below_bytes) {
    return { health: "broken", sentence: `Less than ${bytes(disk.stop_below_bytes)} is free: ingest has stopped.` };
  }
  if (disk.free_bytes <= disk.stop_below_bytes * DISK_HEADROOM) {
    return { health: "attention", sentence: `Ingest stops when less than ${bytes(disk.stop_below_bytes)} is free.` };
  }
  return { health: "well", sentence: `Ingest stops below ${bytes(disk.stop_below_bytes)}.` };
}

const RANK: Record<Health, number> = { well: 0, attention: 1, broken: 2 };

/** One sentence for the whole: the worst part speaks. */
export function overall(system: System): Verdict {
  const parts = [verdictOnJournal(system), verdictOnIngest(system), verdictOnStore(system), verdictOnDisk(system)];
  const worst = parts.reduce((a, b) => (RANK[b.health] > RANK[a.health] ? b : a));
  if (worst.health !== "well") return worst;
  const open = system.dead_letters.open;
  if (open > 0)
    return { health: "attention", sentence: `Everything works. ${plural(open, "dead letter")} wait for you.` };
  return { health: "well", sentence: "Everything works." };
}

export interface TypeRows {
  type: string;
  count: number;
  length: number;
}

/** What lies in tables of its own until it has ended, in words. */
const OPEN_TABLES: Record<string, string> = {
  execution_open: "execution, not ended",
  conversation_open: "conversation, not ended",
};

/** Rows per record type, most first. */
export function rowsByType(rows: System["store"]["rows"]): TypeRows[] {
  const entries = Object.entries(rows)
    .map(([table, count]): [string, number] => [OPEN_TABLES[table] ?? table, count])
    .sort(([, a], [, b]) => b - a);
  const most = entries[0]?.[1] ?? 1;
  return entries.map(([type, count]) => ({ type, count, length: most > 0 ? count / most : 0 }));
}

/** Keeping answers only saves time: nothing about it is ever broken. Null if none are kept. */
export function verdictOnCache({ query_cache: cache }: System): Verdict | null {
  if (!cache) return null;
  if (!cache.redis) return { health: "well", sentence: "Answers are kept in memory." };
  if (cache.redis.is_connected) return { health: "well", sentence: "Answers are kept in memory and in Redis." };
  const why = cache.redis.error ? ` (${cache.redis.error})` : "";
  return { health: "attention", sentence: `Redis is not reached${why}. Answers are kept in memory, and are the same.` };
}

/** "82.0 % of 1,204"; null before the first question, or if no answers are kept. */
export function cachedText({ query_cache: cache }: System): string | null {
  const asked = cache ? cache.hits + cache.misses : 0;
  if (!cache || asked === 0) return null;
  return `${percent(share(cache.hits, asked) ?? 0)} of ${exactCount(asked)}`;
}

/** "118 records/s" and, below ten, with a decimal. */
export function rateText(perSecond: number, noun = "records"): string {
  const value =
    perSecond < 10 && !Number.isInteger(perSecond) ? perSecond.toFixed(1) : exactCount(Math.round(perSecond));
  return `${value} ${noun}/s`;
}

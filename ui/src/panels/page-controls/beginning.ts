/** Where the records begin. Pure. */
import type { Answer } from "../../api/types.ts";

/**
 * The answer without the buckets before the first record, where those would be the most of it: of "all time" mostly
 * nothing is known, and what is known would have no room. Its range then begins with the first record.
 */
export function fromFirstRecord(answer: Answer): Answer {
  const { columns, rows, other, meta } = answer;
  const first = meta.gaps.find(({ from }) => Date.parse(from) <= Date.parse(meta.from));
  const time = columns.findIndex(({ role }) => role === "time");
  if (!first || time < 0) return answer;
  const begins = Date.parse(first.to);
  if (begins - Date.parse(meta.from) <= Date.parse(meta.to) - begins) return answer;
  const starts = [...new Set(rows.map((row) => String(row[time])))];
  const after = starts.findIndex((start) => Date.parse(start) > begins);
  // The bucket in which the first record lies is kept.
  const kept = new Set(after < 0 ? starts.slice(-1) : starts.slice(Math.max(0, after - 1)));
  return {
    ...answer,
    rows: rows.filter((row) => kept.has(String(row[time]))),
    other: other?.filter((row) => kept.has(String((row as unknown[])[time]))) ?? null,
    meta: { ...meta, from: first.to, gaps: meta.gaps.filter((gap) => gap !== first) },
  };
}

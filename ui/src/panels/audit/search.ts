/** What the audit log is narrowed to, as the URL says it. Pure. */
import type { AuditFilter } from "../../api/requests.ts";
import type { Period } from "../../api/types.ts";
import { compactObject, lastMs, textOf, type View } from "../../view/view.ts";

export interface AuditSearch {
  person?: string;
  operation?: string;
  q?: string;
}

export function parseAuditSearch(raw: Record<string, unknown>): AuditSearch {
  return compactObject<AuditSearch>({
    person: textOf(raw.person),
    operation: textOf(raw.operation),
    q: textOf(raw.q),
  });
}

const MINUTE_MS = 60_000;

/** When a period that ends now began; undefined for all time. To the minute, so that the request stays the same for one. */
function startOf(period: Period, now: Date): Date | undefined {
  const start = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  const months = { month: 1, quarter: 3, year: 12 }[period as string];
  if (period === "all") return undefined;
  if (months) {
    const day = start.getUTCDate();
    start.setUTCMonth(start.getUTCMonth() - months);
    // A month before 31 March is the last of February.
    if (start.getUTCDate() !== day) start.setUTCDate(0);
  } else start.setUTCDate(start.getUTCDate() - (period === "day" ? 1 : 7));
  return start;
}

/** The server's filter. The audit log knows neither periods nor lengths of time. */
export function auditFilter(search: AuditSearch, view: View, period: Period, now: Date): AuditFilter {
  const begin = view.last
    ? new Date(Math.floor((now.getTime() - lastMs(view.last)) / MINUTE_MS) * MINUTE_MS)
    : startOf(view.period ?? period, now);
  return compactObject<AuditFilter>({
    from: view.from ?? begin?.toISOString(),
    to: view.to,
    user_id: search.person,
    operation: search.operation,
    search: search.q,
  });
}

/** What the Live page shows, as its address says it. Pure. */
import { compactObject, oneOf, textOf } from "../../view/view.ts";

/** Which events the feed tells. The first is the default. */
export const FEEDS = ["ends", "failures", "all"] as const;
export type Feed = (typeof FEEDS)[number];

export const ACTIVE_STATUSES = ["running", "queued"] as const;
export type ActiveStatus = (typeof ACTIVE_STATUSES)[number];

export interface LiveSearch {
  /** Only this workflow. */
  workflow?: string;
  status?: ActiveStatus;
  /** A text in the id, or in the workflow's id or name. */
  q?: string;
  feed?: Feed;
  /** A wall screen is opened by an address. */
  wall?: 1;
}

export function parseLiveSearch(raw: Record<string, unknown>): LiveSearch {
  const feed = oneOf(raw.feed, FEEDS);
  return compactObject<LiveSearch>({
    workflow: textOf(raw.workflow),
    status: oneOf(raw.status, ACTIVE_STATUSES),
    q: textOf(raw.q),
    feed: feed === FEEDS[0] ? undefined : feed,
    wall: String(raw.wall) === "1" ? 1 : undefined,
  });
}

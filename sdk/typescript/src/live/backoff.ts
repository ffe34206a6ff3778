/** What the end of a connection means, and when to come back. Pure. */

const FIRST_MS = 1_000;
const MAX_MS = 30_000;

/** The end of a connection: a code of WebSockets, and the server's word for it. */
export interface End {
  code: number;
  reason: string;
}

/** The end of a connection that did not come to one: it could not be made, or nothing is heard any more. */
export const ABNORMAL = 1006;

/**
 * What an end means.
 * - `away`: the server stops, and is likely to be back soon;
 * - `refused`: it does not let us in, and would not the next time either;
 * - `crowded`: there are too many connections;
 * - `lost`: anything else.
 */
export type Meaning = "away" | "refused" | "crowded" | "lost";

export function meaningOf({ code, reason }: End): Meaning {
  if (code === 1001) return "away";
  if (code === 1013) return "crowded";
  // Not about rights: the computer slept, or other rights hold from now on.
  if (code === 1008) return /two pings|connect again/.test(reason) ? "lost" : "refused";
  return "lost";
}

/** The end in words. */
export function reasonOf(end: End): string {
  if (end.reason !== "") return end.reason;
  const words: Record<Meaning, string> = {
    away: "the server stops",
    refused: "the server does not let this connection in",
    crowded: "there are too many live connections",
    lost: "the connection was lost, or could not be made",
  };
  return words[meaningOf(end)];
}

/**
 * The wait after that many failures in a row, in milliseconds: a random part of a second, then of twice as long, up to half
 * a minute. Where there are too many connections already, half a minute on top.
 */
export function waitMs(meaning: Meaning, failures: number, chance: number): number {
  if (meaning === "crowded") return Math.round(MAX_MS + MAX_MS * chance);
  return Math.round(chance * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30)));
}

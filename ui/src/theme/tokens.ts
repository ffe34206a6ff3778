/** The colours of the design language, once. Everything else (Mantine, CSS variables, charts) reads them from here. */

export type Scheme = "light" | "dark";

export type Status = "success" | "failed" | "timeout" | "running" | "queued" | "cancelled";

/** In the order in which they are stacked and listed: what is normal first, what deviates on top of it. */
export const STATUSES: readonly Status[] = ["success", "failed", "timeout", "cancelled", "running", "queued"];

/** The one word for each status, everywhere. */
export const STATUS_WORD: Record<Status, string> = {
  success: "Success",
  failed: "Failed",
  timeout: "Timeout",
  running: "Running",
  queued: "Queued",
  cancelled: "Cancelled",
};

export interface Tokens {
  background: string;
  surface: string;
  border: string;
  text: string;
  muted: string;
  accent: string;
  status: Record<Status, string>;
  /** The colour of a status as text; differs from its mark where the mark is too light to read. */
  statusText: Record<Status, string>;
  series: readonly string[];
}

const lightStatus: Record<Status, string> = {
  success: "#0F7B5F",
  failed: "#B3261E",
  timeout: "#C27C00",
  running: "#2B6CD4",
  cancelled: "#667085",
  queued: "#4B2E83",
};

const darkStatus: Record<Status, string> = {
  success: "#3DBE9A",
  failed: "#FF7A6B",
  timeout: "#F2B84B",
  running: "#6FA8FF",
  cancelled: "#98A2B3",
  queued: "#D9C7F7",
};

export const TOKENS: Record<Scheme, Tokens> = {
  light: {
    background: "#FFFFFF",
    surface: "#F7F8FA",
    border: "#E3E7ED",
    text: "#14181F",
    muted: "#5A6472",
    accent: "#2457C5",
    status: lightStatus,
    statusText: { ...lightStatus, timeout: "#8F5B00", cancelled: "#5A6472" },
    series: ["#2B6CD4", "#A8420B", "#0F7B5F", "#6B2E86", "#A87F00", "#0A8F9C", "#C2447A", "#55606E"],
  },
  dark: {
    background: "#0F1318",
    surface: "#171C23",
    border: "#2A313B",
    text: "#E8ECF2",
    muted: "#A0AAB8",
    accent: "#7AA7FF",
    status: darkStatus,
    statusText: darkStatus,
    series: ["#6FA8FF", "#E8834A", "#3DBE9A", "#DCC2F8", "#F0DA7A", "#8FE6EA", "#E86C9A", "#9FB0C0"],
  },
};

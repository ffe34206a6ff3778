import type { Status } from "../theme/tokens.ts";

/** One stroke set on a 16 px grid. Icons are decoration: the word beside them (or the button's label) carries the meaning. */
const PATHS = {
  overview: "M2.5 11.5a5.5 5.5 0 1 1 11 0M8 11l2.6-4M2.5 11.5h1.2M12.3 11.5h1.2",
  live: "M1.5 8.5h3l2-5 3 9 2-4h3",
  system: "M2.5 3.5h11v4h-11zM2.5 8.5h11v4h-11zM5 5.5h.01M5 10.5h.01",
  settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
  refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2.8v2.5h-2.5",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7",
  moon: "M13 9.3A5.5 5.5 0 0 1 6.7 3 5.5 5.5 0 1 0 13 9.3z",
  auto: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11M8 5h3.5M8 8h4.8M8 11h3.5",
  copy: "M6 5.5h7v8H6zM3 10.5v-8h7",
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3",
  half: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  ban: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 11.8l7.6-7.6",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
  chart: "M2.5 13.5h11M4 11V7M7 11V3.5M10 11V8M13 11V5",
  download: "M8 2.5v7.5M5 7.3L8 10.3l3-3M3 13.5h10",
  image: "M2.5 3.5h11v9h-11zM2.5 10.5l3-3 3 3 2-2 3 3M10.5 6h.01",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2l3.3 3.3",
  left: "M10 3.5L5.5 8l4.5 4.5",
  right: "M6 3.5L10.5 8 6 12.5",
  down: "M3.5 6L8 10.5 12.5 6",
  up: "M3.5 10L8 5.5 12.5 10",
  calendar: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5v3M10.5 2.5v3",
  warning: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6h.01",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.5v3.3M8 5.3h.01",
  keyboard: "M1.5 4.5h13v7h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.3h6",
  exit: "M9.5 3h-6v10h6M7 8h7M11.5 5.5L14 8l-2.5 2.5",
  screen: "M2 3.5h12v7.5H2zM5.5 13.5h5",
  plus: "M8 3v10M3 8h10",
  more: "M8 3.5h.01M8 8h.01M8 12.5h.01",
  columns: "M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9",
  workflows: "M2.5 3h4v3.5h-4zM9.5 9.5h4V13h-4zM4.5 6.5v4.7h5",
  executions: "M4.5 3l8 5-8 5z",
  failures: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM6.2 6.2l3.6 3.6M9.8 6.2L6.2 9.8",
  performance: "M2.5 11.5L6 7.5 8.5 10l5-6M10.3 4h3.2v3.2",
  usage: "M2.5 2.5h4.3v4.3H2.5zM9.2 2.5h4.3v4.3H9.2zM2.5 9.2h4.3v4.3H2.5zM9.2 9.2h4.3v4.3H9.2z",
  costs:
    "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 4.7v6.6M9.8 6.3c-.4-.5-1-.7-1.8-.7-1.1 0-1.8.5-1.8 1.2S6.9 8 8 8s1.8.5 1.8 1.2-.7 1.2-1.8 1.2c-.8 0-1.4-.2-1.8-.7",
  rail: "M2.5 3h11v10h-11zM6.5 3v10",
  person: "M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const heavy = name === "dots" || name === "more";
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      viewBox="0 0 16 16"
      style={{ width: `${size / 16}rem`, height: `${size / 16}rem`, flex: "none", display: "block" }}
      fill="none"
      stroke="currentColor"
      strokeWidth={heavy ? 2.4 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
      {name === "half" && <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none" />}
    </svg>
  );
}

export const STATUS_ICON: Record<Status, IconName> = {
  success: "check",
  failed: "cross",
  timeout: "clock",
  running: "half",
  cancelled: "ban",
  queued: "dots",
};

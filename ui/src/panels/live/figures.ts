/** The counts at the head of the Live page. Pure. */
import type { MetricsData, MetricsWindow } from "@tacho/live";
import { compact, type Unit } from "../../format/format.ts";

export interface Figure {
  name: string;
  label: string;
  value: number | null;
  text: string;
  /** Of which time it is. */
  span: string;
  /** The same over longer or shorter times. */
  others: { span: string; text: string }[];
  tone?: "bad";
}

const SPANS = ["last_minute", "last_5_minutes", "last_hour"] as const;
const SPAN_WORD: Record<(typeof SPANS)[number], string> = {
  last_minute: "1 min",
  last_5_minutes: "5 min",
  last_hour: "hour",
};

interface Kind {
  name: string;
  label: string;
  unit: Unit;
  of: (window: MetricsWindow) => number | null;
  /** The time that its great figure is of: a rate of one minute jumps. */
  main: (typeof SPANS)[number];
  isBad?: boolean;
}

const KINDS: Kind[] = [
  { name: "started", label: "Started", unit: "count", of: ({ starts }) => starts, main: "last_minute" },
  { name: "ended", label: "Ended", unit: "count", of: ({ finishes }) => finishes, main: "last_minute" },
  {
    name: "failed",
    label: "Failures",
    unit: "count",
    of: ({ failed, timeout }) => failed + timeout,
    main: "last_minute",
    isBad: true,
  },
  {
    name: "success_rate",
    label: "Success rate",
    unit: "percent",
    of: ({ success_rate }) => (success_rate === null ? null : success_rate * 100),
    main: "last_hour",
  },
  {
    name: "duration",
    label: "Duration, avg",
    unit: "ms",
    of: ({ duration_avg_ms }) => duration_avg_ms,
    main: "last_hour",
  },
];

export function figuresOf(data: MetricsData): Figure[] {
  const now = (name: "running" | "queued", label: string): Figure => ({
    name,
    label,
    value: data[name],
    text: compact(data[name], "count"),
    span: "now",
    others: [],
  });
  const windows = KINDS.map(({ name, label, unit, of, main, isBad }): Figure => {
    const value = of(data[main]);
    return {
      name,
      label,
      value,
      text: compact(value, unit),
      span: SPAN_WORD[main],
      others: SPANS.filter((span) => span !== main).map((span) => ({
        span: SPAN_WORD[span],
        text: compact(of(data[span]), unit),
      })),
      ...(isBad && (value ?? 0) > 0 ? { tone: "bad" as const } : {}),
    };
  });
  return [now("running", "Running"), now("queued", "Queued"), ...windows];
}

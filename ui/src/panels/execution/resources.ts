/** What a run used, on the time axis of its steps. Pure. */
import type { Resource } from "../../api/types.ts";
import type { Unit } from "../../format/format.ts";
import type { Span } from "./waterfall.ts";

export interface ResourceLine {
  name: string;
  label: string;
  unit: Unit;
  avg: number;
  max: number;
  /** In per cent of the lane: from the left, and from the bottom. */
  points: { x: number; y: number }[];
}

const METRICS: readonly { name: keyof Resource; label: string; unit: Unit; top?: number }[] = [
  { name: "cpu_percent", label: "CPU", unit: "percent", top: 100 },
  { name: "memory_mb", label: "Memory", unit: "megabytes" },
  { name: "gpu_percent", label: "GPU", unit: "percent", top: 100 },
  { name: "gpu_memory_mb", label: "GPU memory", unit: "megabytes" },
  { name: "disk_percent", label: "Disk", unit: "percent", top: 100 },
  { name: "disk_read_bytes", label: "Read from disk", unit: "bytes" },
  { name: "disk_write_bytes", label: "Written to disk", unit: "bytes" },
  { name: "network_receive_bytes", label: "Received", unit: "bytes" },
  { name: "network_send_bytes", label: "Sent", unit: "bytes" },
  { name: "queue_depth", label: "Queue", unit: "count" },
];

/** A line for each thing that was measured at least once. Its scale begins at zero; that of a share ends at 100 %. */
export function resourceLines(samples: readonly Resource[], span: Span | null): ResourceLine[] {
  const length = span ? span.to - span.from : 0;
  const inTime = [...samples].sort((a, b) => a.timestamp.localeCompare(b.timestamp));
  return METRICS.flatMap(({ name, label, unit, top }) => {
    const known = inTime.flatMap((sample) => {
      const value = sample[name];
      return typeof value === "number" ? [{ at: Date.parse(sample.timestamp), value }] : [];
    });
    if (known.length === 0) return [];
    const values = known.map(({ value }) => value);
    const max = Math.max(...values);
    const scale = Math.max(top ?? 0, max) || 1;
    const points = span
      ? known.map(({ at, value }) => ({
          x: Math.min(100, Math.max(0, ((at - span.from) / length) * 100)),
          y: (value / scale) * 100,
        }))
      : [];
    return [{ name, label, unit, avg: values.reduce((a, b) => a + b, 0) / values.length, max, points }];
  });
}

/** The hosts on which it ran. */
export function hostsOf(samples: readonly Resource[]): string[] {
  return [...new Set(samples.flatMap(({ host }) => host ?? []))];
}

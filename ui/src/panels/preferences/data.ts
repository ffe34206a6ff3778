/** Pinned metrics: which there are, and their order. Pure. */
import type { Model } from "../../api/types.ts";

/** As many as the server keeps. */
export const PINNED_MAX = 20;

export interface Metric {
  /** "executions.count" */
  name: string;
  label: string;
  source: string;
  definition: string;
}

/** Every measure of the model under the name that it is pinned by. */
export function metricsOf(model: Model): Metric[] {
  return model.sources.flatMap((source) =>
    source.measures.map((measure) => ({
      name: `${source.name}.${measure.name}`,
      label: measure.label,
      source: source.label,
      definition: measure.definition,
    })),
  );
}

/** Moves the metric at a place one up (-1) or down (+1). At the ends it stays. */
export function moved(pinned: readonly string[], at: number, by: -1 | 1): string[] {
  const after = [...pinned];
  const [one] = after.splice(at, 1);
  if (one === undefined || at + by < 0 || at + by >= pinned.length) return [...pinned];
  after.splice(at + by, 0, one);
  return after;
}

/** With one more at the end, unless it is there or there are too many. */
export function withPinned(pinned: readonly string[], name: string): string[] {
  return pinned.includes(name) || pinned.length >= PINNED_MAX ? [...pinned] : [...pinned, name];
}

interface Choices {
  group: string;
  items: { value: string; label: string }[];
}

/** What may still be pinned, by source, for a select. */
export function choicesOf(metrics: readonly Metric[], pinned: readonly string[]): Choices[] {
  const groups = new Map<string, Choices["items"]>();
  for (const { name, label, source } of metrics) {
    if (pinned.includes(name)) continue;
    groups.set(source, [...(groups.get(source) ?? []), { value: name, label }]);
  }
  return [...groups].map(([group, items]) => ({ group, items }));
}

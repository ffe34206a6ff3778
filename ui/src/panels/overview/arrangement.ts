/** Which widgets the Overview shows, and in which order. Pure. */

export const WIDGETS = [
  { id: "kpis", title: "Key figures" },
  { id: "trend", title: "Executions by status over time" },
  { id: "statuses", title: "How executions ended" },
  { id: "rankings", title: "Top workflows" },
  { id: "costs", title: "Cost breakdown" },
  { id: "failures", title: "Recent failures" },
  { id: "executions", title: "Recent executions" },
] as const;

export type WidgetId = (typeof WIDGETS)[number]["id"];

export interface Arrangement {
  /** All widgets, the hidden ones too, so that showing one again puts it back where it was. */
  order: WidgetId[];
  hidden: WidgetId[];
}

const IDS: WidgetId[] = WIDGETS.map(({ id }) => id);
/** Under this key of the preference, as other pages have theirs. */
const KEY = "overview";

function idsIn(value: unknown): WidgetId[] {
  const listed = Array.isArray(value) ? value : [];
  return IDS.filter((id) => listed.includes(id)).sort((a, b) => listed.indexOf(a) - listed.indexOf(b));
}

/** What the preference says; what it does not know of yet stands where it stands for everybody. */
export function arrangementOf(preference: object | null): Arrangement {
  const saved = (preference as Record<string, unknown> | null)?.[KEY] as
    | { order?: unknown; hidden?: unknown }
    | null
    | undefined;
  const order = idsIn(saved?.order);
  for (const [place, id] of IDS.entries()) if (!order.includes(id)) order.splice(place, 0, id);
  return { order, hidden: idsIn(saved?.hidden) };
}

/** The preference with another arrangement, or (null) with that of everybody; other pages' are left as they are. */
export function withArrangement(
  preference: Record<string, unknown> | null,
  arrangement: Arrangement | null,
): Record<string, unknown> | null {
  const { [KEY]: _, ...others } = preference ?? {};
  if (arrangement && !isUsual(arrangement)) return { ...others, [KEY]: arrangement };
  return Object.keys(others).length > 0 ? others : null;
}

export function isUsual({ order, hidden }: Arrangement): boolean {
  return hidden.length === 0 && order.every((id, place) => id === IDS[place]);
}

/** Puts a widget at another place. */
export function placed(arrangement: Arrangement, id: WidgetId, place: number): Arrangement {
  const others = arrangement.order.filter((each) => each !== id);
  const bounded = Math.max(0, Math.min(others.length, place));
  return { ...arrangement, order: [...others.slice(0, bounded), id, ...others.slice(bounded)] };
}

/** Hides a widget, or shows it again. */
export function withHidden({ order, hidden }: Arrangement, id: WidgetId): Arrangement {
  return { order, hidden: hidden.includes(id) ? hidden.filter((each) => each !== id) : [...hidden, id] };
}

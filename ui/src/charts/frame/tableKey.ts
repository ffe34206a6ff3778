/**
 * Which charts the key T turns into tables: the one that has the focus, else the one under the pointer, else all of
 * the page. The registry of shortcuts knows one handler for a key, so that the charts settle it among themselves.
 */
interface Turnable {
  element: () => HTMLElement | null;
  turn: () => void;
}

const charts = new Set<Turnable>();

export function addChart(chart: Turnable): () => void {
  charts.add(chart);
  return () => charts.delete(chart);
}

export function turnCharts(): void {
  const all = [...charts];
  const chosen =
    all.find((chart) => chart.element()?.contains(document.activeElement)) ??
    all.find((chart) => chart.element()?.matches(":hover"));
  for (const chart of chosen ? [chosen] : all) chart.turn();
}

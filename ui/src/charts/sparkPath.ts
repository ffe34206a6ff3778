/** The path of a sparkline in its own coordinates. Pure. */

export interface SparkPath {
  line: string;
  area: string;
  last: { x: number; y: number } | null;
}

/** Unknown values leave a gap. The scale starts at zero for counts; for rates and durations it fits the values. */
export function sparkPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  fromZero: boolean,
): SparkPath {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return { line: "", area: "", last: null };
  const high = Math.max(...known);
  const low = fromZero ? 0 : Math.min(...known);
  const span = high - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const inset = 2;
  const round = (value: number) => Math.round(value * 100) / 100;
  let line = "";
  let area = "";
  let runStart: number | null = null;
  let last: SparkPath["last"] = null;
  const close = (x: number) => {
    if (runStart !== null) area += `L${round(x)} ${height}L${round(runStart)} ${height}Z`;
    runStart = null;
  };
  values.forEach((value, index) => {
    const x = index * step;
    if (value === null) {
      if (last) close(last.x);
      return;
    }
    const y = inset + (1 - (value - low) / span) * (height - 2 * inset);
    const command = runStart === null ? "M" : "L";
    line += `${command}${round(x)} ${round(y)}`;
    area += `${command}${round(x)} ${round(y)}`;
    if (runStart === null) runStart = x;
    last = { x, y };
  });
  const end = last as SparkPath["last"];
  if (end) close(end.x);
  return { line, area, last: end };
}

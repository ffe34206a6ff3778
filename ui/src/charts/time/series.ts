/** The series of a chart over time as ECharts draws them. Pure. */
import type { Look } from "../frame/look.ts";
import { isBar, isStacked, type Series, type TimeChartModel } from "../model.ts";
import { bandWidth } from "./geometry.ts";
import type { Layout } from "./layout.ts";
import { extremes, means, type Point } from "./reduce.ts";
import { stackBefore } from "./scales.ts";

const PALE = 0.4;
const AREA_OPACITY = 0.25;

/** What is not known is a gap, never a zero. */
function knownOnly(model: TimeChartModel, values: (number | null)[]): (number | null)[] {
  return model.unknown.size === 0 ? values : values.map((value, index) => (model.unknown.has(index) ? null : value));
}

/** A point without neighbours would be a line of no length: it gets a dot. */
function lineData(points: Point[], size: number) {
  return points.map(({ index, value }, place) => {
    const isAlone = (points[place - 1]?.value ?? null) === null && (points[place + 1]?.value ?? null) === null;
    return { value: [index, value], symbol: value !== null && isAlone ? "circle" : "none", symbolSize: size };
  });
}

function barSeries(model: TimeChartModel, { name, label, color, values }: Series, layout: Layout, scale: number) {
  const { plot, barBy } = layout;
  const bucket = bandWidth(plot, model.starts.length);
  const room = bucket * barBy;
  const width = Math.min(48 * scale, room > 14 ? room * 0.72 : room > 6 ? room * 0.86 : Math.max(1, room - 1));
  return {
    id: name,
    name: label,
    type: "bar",
    stack: "stack",
    silent: true,
    barWidth: width,
    itemStyle: { color },
    data: means(knownOnly(model, values), barBy).map(({ index, value }) => ({ value: [index, value] })),
  };
}

function lineSeries(model: TimeChartModel, series: Series, { lineBy }: Layout, scale: number) {
  const { name, label, color, values, isDashed, isRight } = series;
  const isArea = isStacked(series);
  const known = knownOnly(model, values);
  // What stands on each other has to have its points at the same places.
  const points = isArea ? means(known, lineBy) : extremes(known, lineBy);
  return {
    id: name,
    name: label,
    type: "line",
    silent: true,
    yAxisIndex: isRight ? 1 : 0,
    showSymbol: true,
    showAllSymbol: true,
    connectNulls: false,
    z: isArea ? 2 : 3,
    lineStyle: { color, width: (isArea ? 1.5 : 2) * scale, type: isDashed ? [6 * scale, 3 * scale] : "solid" },
    itemStyle: { color },
    ...(isArea ? { stack: "stack", areaStyle: { color, opacity: AREA_OPACITY } } : {}),
    data: lineData(points, 5 * scale),
  };
}

function paleLine(
  id: string,
  values: (number | null)[],
  color: string,
  isRight: boolean,
  { lineBy }: Layout,
  scale: number,
) {
  return {
    id,
    name: id,
    type: "line",
    silent: true,
    yAxisIndex: isRight ? 1 : 0,
    showSymbol: true,
    showAllSymbol: true,
    connectNulls: false,
    z: 4,
    lineStyle: { color, width: 1.5 * scale, type: [4 * scale, 3 * scale], opacity: PALE },
    itemStyle: { color, opacity: PALE },
    data: lineData(extremes(values, lineBy), 4 * scale),
  };
}

/** A stack is compared as a whole, a line with its own past. */
function pastSeries(layout: Layout, { tokens, scale }: Look) {
  const stack = layout.shown.filter(isStacked);
  const together = stackBefore(stack);
  const [only] = stack;
  // Over bars of its own colour a pale line would not be seen.
  const color = stack.length === 1 && only && !isBar(only) ? only.color : tokens.text;
  return [
    ...(together ? [paleLine("stack before", together, color, false, layout, scale)] : []),
    ...layout.shown
      .filter((series) => !isStacked(series))
      .flatMap(({ name, color: own, before, isRight = false }) =>
        before ? [paleLine(`${name} before`, before, own, isRight, layout, scale)] : [],
      ),
  ];
}

export function seriesOf(model: TimeChartModel, layout: Layout, look: Look) {
  return [
    ...layout.shown.map((series) =>
      isBar(series) ? barSeries(model, series, layout, look.scale) : lineSeries(model, series, layout, look.scale),
    ),
    ...pastSeries(layout, look),
  ];
}

/** From a chart over time to what ECharts draws. Pure: colours, size and motion are arguments. */
import type { EChartsCoreOption } from "echarts/core";
import type { Unit } from "../../format/format.ts";
import { type Scale, tickText } from "../../format/ticks.ts";
import { bucketLabel, toWallClock } from "../../format/time.ts";
import { type Look, motion, shapes, textStyle } from "../frame/look.ts";
import type { TimeChartModel } from "../model.ts";
import { behind, infront } from "./decor.ts";
import { labelEvery, type Plot } from "./geometry.ts";
import { bucketLabelWidth, layoutOf } from "./layout.ts";
import { seriesOf } from "./series.ts";

/** Round distances between labels, in buckets: whole hours under minutes, whole days under hours. */
const ROUND_STEPS: Partial<Record<TimeChartModel["size"], number[]>> = {
  half_minute: [2, 4, 10, 20, 30, 60, 120],
  minute: [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440],
  five_minutes: [1, 2, 3, 6, 12, 24, 36, 72, 144, 288],
  quarter_hour: [1, 2, 4, 8, 12, 24, 48, 96],
  hour: [1, 2, 3, 4, 6, 12, 24, 48, 72, 96, 168, 336],
};

/** Which buckets are labelled: every so many, counted from midnight where buckets are shorter than a day. */
export function labelled(model: TimeChartModel, plot: Plot, scale: number): (index: number) => boolean {
  const every = labelEvery(plot, model.starts.length, bucketLabelWidth(model, scale));
  const steps = ROUND_STEPS[model.size];
  const step = steps?.find((each) => each >= every) ?? every;
  const midnight = steps ? model.starts.findIndex((start) => toWallClock(start, model.zone).endsWith("T00:00")) : 0;
  // Without a midnight, from the first full hour.
  const hour =
    midnight < 0 ? model.starts.findIndex((start) => toWallClock(start, model.zone).endsWith(":00")) : midnight;
  const offset = Math.max(0, hour) % step;
  return (index) => index % step === offset;
}

function valueAxis(scale: Scale, unit: Unit, look: Look, isRight: boolean) {
  const { tokens } = look;
  return {
    type: "value",
    position: isRight ? "right" : "left",
    min: scale.min,
    max: scale.max,
    interval: scale.step,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...textStyle(look), formatter: (value: number) => tickText(value, unit, scale.step) },
    splitLine: { show: !isRight, lineStyle: { color: tokens.border, width: 1 } },
  };
}

export function timeOption(model: TimeChartModel, hidden: ReadonlySet<string>, look: Look): EChartsCoreOption {
  const { tokens, scale } = look;
  const layout = layoutOf(model, hidden, look);
  const { plot, left, right } = layout;
  const isLabelled = labelled(model, plot, scale);
  return {
    ...motion(look),
    grid: { left: plot.left, right: plot.right, top: plot.top, bottom: plot.bottom, outerBoundsMode: "none" },
    xAxis: {
      type: "category",
      data: model.starts,
      axisLine: { lineStyle: { color: tokens.border } },
      axisTick: { show: false },
      axisLabel: {
        ...textStyle(look),
        hideOverlap: true,
        margin: 8 * scale,
        interval: isLabelled,
        formatter: (start: string) => bucketLabel(start, model.size, model.zone),
      },
    },
    yAxis: [
      valueAxis(left, model.unit, look, false),
      ...(right ? [valueAxis(right, model.rightUnit ?? null, look, true)] : []),
    ],
    series: [
      shapes("behind", behind(model, layout, look), 1),
      ...seriesOf(model, layout, look),
      shapes("in front", infront(model, layout, look), 6),
    ],
  };
}

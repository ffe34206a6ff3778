/** From a model to what ECharts draws. Pure: colours, size and motion are arguments. */
import type { EChartsCoreOption } from "echarts/core";
import { compact } from "../../format/format.ts";
import { bucketLabel, toWallClock } from "../../format/time.ts";
import { type Look, motion, textStyle } from "../frame/look.ts";
import type { TimeChartModel } from "../model.ts";
import { bandWidth, labelEvery, type Plot, plotOf } from "./geometry.ts";

const PARTIAL_OPACITY = 0.5;

/** How many rows from a label to the next: whole days where hours are shown, so that each label is a date or a round hour. */
function labelStep(model: TimeChartModel, plot: Plot, scale: number): number {
  const every = labelEvery(plot, model.starts.length, 58 * scale);
  if (model.size !== "hour") return every;
  return [1, 2, 3, 4, 6, 12, 24, 48, 72, 96, 168].find((step) => step >= every) ?? every;
}

export function timeOption(model: TimeChartModel, hidden: ReadonlySet<string>, look: Look): EChartsCoreOption {
  const { tokens, scale } = look;
  const plot = plotOf(look.width, look.height, scale);
  const text = textStyle(look);
  const step = labelStep(model, plot, scale);
  const midnight = model.starts.findIndex((start) => toWallClock(start, model.zone).endsWith("T00:00"));
  const offset = model.size === "hour" && midnight >= 0 ? midnight % step : 0;
  const gap = bandWidth(plot, model.starts.length) > 14 ? "28%" : "12%";
  const shown = model.series.filter(({ name }) => !hidden.has(name));
  return {
    ...motion(look),
    grid: { left: plot.left, right: plot.right, top: plot.top, bottom: plot.bottom, outerBoundsMode: "none" },
    xAxis: {
      type: "category",
      data: model.starts,
      axisLine: { lineStyle: { color: tokens.border } },
      axisTick: { show: false },
      axisLabel: {
        ...text,
        hideOverlap: true,
        margin: 8 * scale,
        interval: (index: number) => index % step === offset,
        formatter: (start: string) => bucketLabel(start, model.size, model.zone),
      },
    },
    yAxis: {
      type: "value",
      min: 0,
      minInterval: model.unit === "count" ? 1 : undefined,
      splitNumber: 4,
      axisLabel: { ...text, formatter: (value: number) => compact(value, model.unit) },
      splitLine: { lineStyle: { color: tokens.border, width: 1 } },
    },
    series: shown.map(({ name, label, color, values }) => ({
      id: name,
      name: label,
      type: "bar",
      stack: "all",
      silent: true,
      barCategoryGap: gap,
      barMaxWidth: 48 * scale,
      itemStyle: { color },
      data: values.map((value, index) => ({
        value: model.unknown.has(index) ? null : value,
        itemStyle: model.partial.has(index) ? { opacity: PARTIAL_OPACITY } : undefined,
      })),
    })),
  };
}

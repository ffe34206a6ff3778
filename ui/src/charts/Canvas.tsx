/** The only file that runs ECharts. Loaded lazily: nothing else may import it statically. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useLayoutEffect, useRef } from "react";
import { afterPaint } from "./afterPaint.ts";

use([BarChart, CustomChart, LineChart, GridComponent, CanvasRenderer]);

interface Props {
  option: EChartsCoreOption;
  width: number;
  height: number;
}

export default function Canvas({ option, width, height }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const isDrawn = useRef(false);

  useLayoutEffect(() => {
    if (!host.current) return;
    const made = init(host.current, undefined, { renderer: "canvas" });
    chart.current = made;
    isDrawn.current = false;
    return () => {
      chart.current = null;
      made.dispose();
    };
  }, []);

  // Before the browser paints, so that no frame shows the drawing of another size.
  useLayoutEffect(() => {
    const drawn = chart.current;
    if (!drawn) return;
    const isResized = drawn.getWidth() !== width || drawn.getHeight() !== height;
    // What changes glides. What is drawn for the first time, or in another size, stands: there is nothing to follow by eye, and
    // twenty charts that grow would hold up the page.
    const isStill = isResized || !isDrawn.current;
    const draw = () => {
      isDrawn.current = true;
      drawn.setOption(isStill ? { ...option, animation: false } : option, {
        replaceMerge: ["series"],
        lazyUpdate: false,
      });
    };
    // When the page has shown what came of a click; in another size, at once.
    if (!isResized) return afterPaint(draw);
    drawn.resize({ width, height });
    draw();
  }, [option, width, height]);

  return <div ref={host} aria-hidden="true" style={{ width, height }} />;
}

/** Draws beside the page, at twice the size, and gives the picture as a data URL. */
export function paint(option: EChartsCoreOption, width: number, height: number, background: string): string {
  const chart = init(document.createElement("div"), undefined, { renderer: "canvas", width, height });
  try {
    chart.setOption({ ...option, animation: false });
    return chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background });
  } finally {
    chart.dispose();
  }
}

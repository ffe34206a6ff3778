/** The only file that runs ECharts. Loaded lazily: nothing else may import it statically. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, CustomChart, LineChart, GridComponent, CanvasRenderer]);

interface Props {
  option: EChartsCoreOption;
  width: number;
  height: number;
}

export default function Canvas({ option, width, height }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);

  useEffect(() => {
    if (!host.current) return;
    const made = init(host.current, undefined, { renderer: "canvas" });
    chart.current = made;
    return () => {
      chart.current = null;
      made.dispose();
    };
  }, []);

  useEffect(() => {
    chart.current?.resize({ width, height });
  }, [width, height]);

  useEffect(() => {
    chart.current?.setOption(option, { replaceMerge: ["series"], lazyUpdate: false });
  }, [option]);

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

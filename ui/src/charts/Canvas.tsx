/** The only file that runs ECharts. Loaded lazily: nothing else may import it statically. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, LineChart, GridComponent, CanvasRenderer]);

export interface CanvasHandle {
  /** The drawing as it stands, at twice its size. */
  image: (background: string) => string;
}

interface Props {
  option: EChartsCoreOption;
  width: number;
  height: number;
  onReady: (handle: CanvasHandle | null) => void;
}

export default function Canvas({ option, width, height, onReady }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const ready = useRef(onReady);
  ready.current = onReady;

  useEffect(() => {
    if (!host.current) return;
    const made = init(host.current, undefined, { renderer: "canvas" });
    chart.current = made;
    ready.current({
      image: (background) => made.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background }),
    });
    return () => {
      ready.current(null);
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

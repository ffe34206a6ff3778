import { type ReactNode, useMemo } from "react";
import { BarChart } from "../src/charts/BarChart.tsx";
import { ChartCursorProvider } from "../src/charts/ChartCursor.tsx";
import { DonutChart } from "../src/charts/DonutChart.tsx";
import { GaugeChart } from "../src/charts/GaugeChart.tsx";
import { HeatmapChart } from "../src/charts/HeatmapChart.tsx";
import { HistogramChart } from "../src/charts/HistogramChart.tsx";
import { TimeChart } from "../src/charts/TimeChart.tsx";
import type { Tokens } from "../src/theme/tokens.ts";
import { useTokens } from "../src/theme/useTokens.ts";
import { Columns } from "../src/widgets/Columns.tsx";
import { Panel } from "../src/widgets/Panel.tsx";
import { barModel, donutModel, gaugeModel, heatmapModel, histogramModel, type TimeKind, timeModel } from "./models.ts";

const OVER_TIME: readonly TimeKind[] = [
  { shape: "line", series: 1 },
  { shape: "line", series: 3 },
  { shape: "line", series: 5 },
  { shape: "bar", series: 1 },
  { shape: "bar", series: 3 },
  { shape: "bar", series: 6 },
  { shape: "area", series: 1 },
  { shape: "area", series: 3 },
  { shape: "line", series: 2, isRich: true },
  { shape: "bar", series: 3, isRich: true },
];

function chartsOf(tokens: Tokens): ReactNode[] {
  return [
    ...OVER_TIME.map((kind, index) => (
      <TimeChart key={`time-${kind.shape}-${kind.series}-${kind.isRich}`} model={timeModel(index + 1, kind, tokens)} />
    )),
    <BarChart key="bars" model={barModel(11, 12)} />,
    <BarChart key="many-bars" model={barModel(12, 200)} height={360} />,
    <DonutChart key="donut" model={donutModel(13)} />,
    <DonutChart key="other-donut" model={donutModel(14)} />,
    <HeatmapChart key="week" model={heatmapModel(15, 7)} />,
    <HeatmapChart key="month" model={heatmapModel(16, 31)} />,
    <HistogramChart key="histogram" model={histogramModel(17, 60)} />,
    <HistogramChart key="fine-histogram" model={histogramModel(18, 120)} />,
    <GaugeChart key="gauge" model={gaugeModel(94.5)} />,
    <GaugeChart key="other-gauge" model={gaugeModel(99.9)} />,
  ];
}

/** Twenty charts on one page, with the cross-hair that they share. */
export function Gallery() {
  const tokens = useTokens();
  const charts = useMemo(() => chartsOf(tokens), [tokens]);
  return (
    <ChartCursorProvider>
      <h1>{charts.length} charts</h1>
      <Columns>
        {charts.map((chart, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the charts never change
          <Panel key={index}>{chart}</Panel>
        ))}
      </Columns>
    </ChartCursorProvider>
  );
}

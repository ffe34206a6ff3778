import type { ReactNode } from "react";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { ChartTable } from "./frame/ChartTable.tsx";
import { histogramTable } from "./frame/tables.ts";
import type { HistogramChartModel } from "./model.ts";

interface Props {
  model: HistogramChartModel;
  height?: number;
  onPick?: (from: number, to: number) => void;
  actions?: ReactNode;
}

export function HistogramChart({ model, height = 260, actions }: Props) {
  const table = () => histogramTable(model);
  return (
    <ChartFrame
      title={model.title}
      subtitle={model.subtitle}
      height={height}
      table={table}
      drawing={() => ({})}
      actions={actions}
    >
      <ChartTable title={model.title} table={table()} maxHeight={height} />
    </ChartFrame>
  );
}

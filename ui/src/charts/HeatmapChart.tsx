import type { ReactNode } from "react";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { ChartTable } from "./frame/ChartTable.tsx";
import { heatmapTable } from "./frame/tables.ts";
import type { HeatmapChartModel } from "./model.ts";

interface Props {
  model: HeatmapChartModel;
  height?: number;
  onPick?: (row: number, column: number) => void;
  actions?: ReactNode;
}

export function HeatmapChart({ model, height = 260, actions }: Props) {
  const table = () => heatmapTable(model);
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

import type { ReactNode } from "react";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { ChartTable } from "./frame/ChartTable.tsx";
import { gaugeTable } from "./frame/tables.ts";
import type { GaugeChartModel } from "./model.ts";

interface Props {
  model: GaugeChartModel;
  height?: number;

  actions?: ReactNode;
}

export function GaugeChart({ model, height = 260, actions }: Props) {
  const table = () => gaugeTable(model);
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

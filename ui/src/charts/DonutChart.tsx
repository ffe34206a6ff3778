import type { ReactNode } from "react";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { ChartTable } from "./frame/ChartTable.tsx";
import { donutTable } from "./frame/tables.ts";
import type { DonutChartModel } from "./model.ts";

interface Props {
  model: DonutChartModel;
  height?: number;
  onPick?: (name: string) => void;
  actions?: ReactNode;
}

export function DonutChart({ model, height = 260, actions }: Props) {
  const table = () => donutTable(model);
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

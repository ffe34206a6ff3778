import type { ReactNode } from "react";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { ChartTable } from "./frame/ChartTable.tsx";
import { barTable } from "./frame/tables.ts";
import type { BarChartModel } from "./model.ts";

interface Props {
  model: BarChartModel;
  height?: number;
  onPick?: (name: string) => void;
  /** Where a row leads; then it is a link. */
  hrefOf?: (name: string) => string | undefined;
  actions?: ReactNode;
}

export function BarChart({ model, height = 260, actions }: Props) {
  const table = () => barTable(model);
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

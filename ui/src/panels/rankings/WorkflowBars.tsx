import { useRouter } from "@tanstack/react-router";
import type { BarChartModel } from "../../charts/model.ts";
import { BarChart } from "../page-controls/charts.ts";

interface Props {
  model: BarChartModel;
  /** The workflow that a bar belongs to; empty if none. */
  workflowOf: (name: string) => string;
}

/** Bars that lead to workflows. */
export function WorkflowBars({ model, workflowOf }: Props) {
  const router = useRouter();
  const hrefOf = (name: string) => {
    const id = workflowOf(name);
    return id ? router.buildLocation({ to: "/workflows/$id", params: { id }, search: {} as never }).href : undefined;
  };
  return <BarChart model={model} hrefOf={hrefOf} />;
}

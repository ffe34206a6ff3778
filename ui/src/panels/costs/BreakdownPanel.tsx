import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTokens } from "../../theme/useTokens.ts";
import type { Part } from "../../view/useAnswers.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { DonutChart } from "../page-controls/charts.ts";
import { type CostDimension, shapeBreakdown } from "./breakdown.ts";

interface Props {
  part: Part | undefined;
  dimension: CostDimension;
  onRetry: () => void;
  /** Above the chart: by what it is broken down. */
  tabs?: ReactNode;
}

export function BreakdownPanel({ part, dimension, onRetry, tabs }: Props) {
  const navigate = useNavigate();
  const tokens = useTokens();
  const open = (id: string) => id && void navigate({ to: "/workflows/$id", params: { id } });
  return (
    <AnswerPanel part={part} what="the costs" onRetry={onRetry}>
      {(answer) => {
        const model = shapeBreakdown(dimension, answer, tokens, new Date(answer.meta.as_of));
        return (
          <>
            {tabs}
            {model.items.length > 0 ? (
              <DonutChart model={model} onPick={dimension === "workflow" ? open : undefined} />
            ) : (
              <EmptyState title="No cost was recorded in this range.">
                Send cost records with their action, amount and execution to see what the money goes to.
              </EmptyState>
            )}
          </>
        );
      }}
    </AnswerPanel>
  );
}

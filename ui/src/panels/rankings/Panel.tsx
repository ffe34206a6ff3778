import { useTokens } from "../../theme/useTokens.ts";
import type { Part } from "../../view/useAnswers.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { ChoiceTabs } from "../page-controls/ChoiceTabs.tsx";
import { RANKING_WORD, RANKINGS, type Ranking, shapeRanking } from "./data.ts";
import { WorkflowBars } from "./WorkflowBars.tsx";

interface Props {
  part: Part | undefined;
  ranking: Ranking;
  onRetry: () => void;
}

const EMPTY: Record<Ranking, string> = {
  volume: "No execution started in this range.",
  failures: "No execution failed in this range.",
  slowness: "No execution ended in this range.",
  cost: "No execution of this range has a cost.",
};

export function RankingPanel({ part, ranking, onRetry }: Props) {
  const tokens = useTokens();
  return (
    <AnswerPanel part={part} what="the workflows" onRetry={onRetry}>
      {(answer) => {
        const model = shapeRanking(ranking, answer, tokens, new Date(answer.meta.as_of));
        return (
          <>
            <ChoiceTabs
              label="Workflows by"
              name="top"
              choices={RANKINGS}
              words={RANKING_WORD}
              chosen={ranking}
              isAbove
            />
            {model.items.length > 0 ? (
              <WorkflowBars model={model} workflowOf={(name) => name} />
            ) : (
              <EmptyState title={EMPTY[ranking]}>Choose a longer range to see more.</EmptyState>
            )}
          </>
        );
      }}
    </AnswerPanel>
  );
}

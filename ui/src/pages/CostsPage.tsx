import { useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { batchOf } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import type { Answer } from "../api/types.ts";
import { BreakdownPanel } from "../panels/costs/BreakdownPanel.tsx";
import { costKpis, costQuestions, shapeCostTrend } from "../panels/costs/data.ts";
import { EstimatePanel } from "../panels/costs/EstimatePanel.tsx";
import { failedWorkText } from "../panels/costs/failedWork.ts";
import { NoCostsPanel } from "../panels/costs/NoCostsPanel.tsx";
import { type CostsSearch, TREND_MODE_WORD, TREND_MODES } from "../panels/costs/search.ts";
import { WorkflowCostsPanel } from "../panels/costs/WorkflowsPanel.tsx";
import { KpisPanel } from "../panels/kpis/Panel.tsx";
import { ChoiceTabs } from "../panels/page-controls/ChoiceTabs.tsx";
import { GranularitySelect } from "../panels/page-controls/GranularitySelect.tsx";
import { NumbersFrame } from "../panels/page-controls/NumbersFrame.tsx";
import { TimePanel } from "../panels/page-controls/TimePanel.tsx";
import { usePickAndZoom } from "../panels/page-controls/usePickAndZoom.ts";
import type { Tokens } from "../theme/tokens.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import { Columns } from "../widgets/Columns.tsx";

const KPIS_EXPECTED = 4;

function costsAsks({ search, current }: Pick<Asker<CostsSearch>, "search" | "current">) {
  const granularity = search.granularity ?? current.granularity;
  return costQuestions(current.frame(search.where), granularity, current.compare, search.trend ?? "by_action");
}

export const asks: Asks<CostsSearch> = (asker) => [batchOf(costsAsks(asker))];

export function CostsPage() {
  const search = useSearch({ from: "/app/costs" });
  const { where } = search;
  const current = useView();
  const mode = search.trend ?? "by_action";
  const answers = useAnswers(costsAsks({ search, current }));
  const { parts, refresh } = answers;
  const pickAndZoom = usePickAndZoom(where);
  const shape = useCallback(
    (answer: Answer, tokens: Tokens, now: Date) => shapeCostTrend(mode, answer, tokens, now),
    [mode],
  );

  const isUnused = parts.ever.answer !== undefined && totalOf(parts.ever.answer, "count") === 0;
  const costs = parts.costs.answer;
  const failedText = costs && parts.failed.answer && failedWorkText(parts.failed.answer, costs);
  return (
    <NumbersFrame title="Costs" answers={answers} where={where} withTrigger={false}>
      {isUnused ? (
        <>
          <NoCostsPanel />
          <EstimatePanel where={where} />
        </>
      ) : (
        <>
          <KpisPanel
            kpis={costs && costKpis(costs, parts.executions.answer, parts.failed.answer)}
            expected={KPIS_EXPECTED}
          />
          {failedText && <p className="muted">{failedText}</p>}
          <TimePanel
            part={parts.trend}
            what="the trend"
            shape={shape}
            onRetry={refresh}
            {...pickAndZoom}
            actions={
              <>
                <GranularitySelect chosen={search.granularity} answered={parts.trend.answer?.meta.granularity} />
                <ChoiceTabs label="Trend" name="trend" choices={TREND_MODES} words={TREND_MODE_WORD} chosen={mode} />
              </>
            }
          />
          <Columns>
            <BreakdownPanel part={parts.actions} dimension="action_type" onRetry={refresh} />
            <EstimatePanel where={where} />
          </Columns>
          <WorkflowCostsPanel part={parts.workflows} onRetry={refresh} />
        </>
      )}
    </NumbersFrame>
  );
}

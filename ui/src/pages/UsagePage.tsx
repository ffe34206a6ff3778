import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { batchOf } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import { BarChart } from "../charts/BarChart.tsx";
import { HeatmapChart } from "../charts/HeatmapChart.tsx";
import { shapeKpis } from "../panels/kpis/data.ts";
import { KpisPanel } from "../panels/kpis/Panel.tsx";
import { AnswerPanel } from "../panels/page-controls/AnswerPanel.tsx";
import { ChoiceTabs } from "../panels/page-controls/ChoiceTabs.tsx";
import { explorerLink } from "../panels/page-controls/explorer.ts";
import { GranularitySelect } from "../panels/page-controls/GranularitySelect.tsx";
import { NothingRan } from "../panels/page-controls/NothingRan.tsx";
import { NumbersFrame } from "../panels/page-controls/NumbersFrame.tsx";
import { TimePanel } from "../panels/page-controls/TimePanel.tsx";
import { usePickAndZoom } from "../panels/page-controls/usePickAndZoom.ts";
import {
  isRecorded,
  shapeActive,
  shapeTriggers,
  shapeVolume,
  shapeYield,
  USAGE_KPIS,
  usageKpis,
  usageQuestions,
} from "../panels/usage/data.ts";
import { shapeHeatmap, whereOfCell } from "../panels/usage/heatmap.ts";
import { PointsPanel } from "../panels/usage/PointsPanel.tsx";
import { USAGE_DIMENSION_WORD, USAGE_DIMENSIONS, type UsageSearch } from "../panels/usage/search.ts";
import { shapeShares } from "../panels/usage/shares.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import { Columns } from "../widgets/Columns.tsx";
import { EmptyState } from "../widgets/EmptyState.tsx";

function usageAsks({ search, current }: Pick<Asker<UsageSearch>, "search" | "current">) {
  const granularity = search.granularity ?? current.granularity;
  const dimension = search.by ?? "workflow_group";
  return usageQuestions(current.frame(search.where), granularity, current.compare, dimension);
}

export const asks: Asks<UsageSearch> = (asker) => [batchOf(usageAsks(asker))];

export function UsagePage() {
  const search = useSearch({ from: "/app/usage" });
  const { where } = search;
  const current = useView();
  const dimension = search.by ?? "workflow_group";
  const answers = useAnswers(usageAsks({ search, current }));
  const { parts, refresh } = answers;
  const pickAndZoom = usePickAndZoom(where);
  const router = useRouter();
  const navigate = useNavigate();

  const usage = parts.usage.answer;
  const hasYield = usage && (isRecorded(usage, "items_processed") || isRecorded(usage, "minutes_saved"));
  return (
    <NumbersFrame title="Usage" answers={answers} where={where}>
      {usage && totalOf(usage, "count") === 0 ? (
        <NothingRan where={where} />
      ) : (
        <>
          <KpisPanel kpis={usage && shapeKpis(usage, usageKpis(usage))} expected={USAGE_KPIS.length} />
          <TimePanel
            part={parts.usage}
            what="the usage over time"
            shape={shapeVolume}
            onRetry={refresh}
            {...pickAndZoom}
            actions={<GranularitySelect chosen={search.granularity} answered={usage?.meta.granularity} />}
          />
          <AnswerPanel part={parts.heatmap} what="the hours" onRetry={refresh}>
            {(answer) => {
              const { model, busiest } = shapeHeatmap(answer, new Date(answer.meta.as_of));
              return busiest ? (
                <>
                  <HeatmapChart
                    model={model}
                    onPick={(row, column) => void navigate(explorerLink(where, whereOfCell(row, column)))}
                  />
                  <p className="muted">{busiest}</p>
                </>
              ) : (
                <EmptyState title="No execution started in this range.">Choose a longer range to see more.</EmptyState>
              );
            }}
          </AnswerPanel>
          <Columns>
            <TimePanel
              part={parts.triggers}
              what="the triggers"
              shape={shapeTriggers}
              onRetry={refresh}
              {...pickAndZoom}
            />
            <TimePanel
              part={parts.usage}
              what="the active workflows"
              shape={shapeActive}
              onRetry={refresh}
              {...pickAndZoom}
            />
            <AnswerPanel part={parts.shares} what="the groups" onRetry={refresh}>
              {(answer) => (
                <>
                  <ChoiceTabs
                    label="Executions by"
                    name="by"
                    choices={USAGE_DIMENSIONS}
                    words={USAGE_DIMENSION_WORD}
                    chosen={dimension}
                    isAbove
                  />
                  <BarChart
                    model={shapeShares(dimension, answer, new Date(answer.meta.as_of))}
                    hrefOf={(name) =>
                      name === "other"
                        ? undefined
                        : router.buildLocation(explorerLink(where, { [dimension]: [name] })).href
                    }
                  />
                </>
              )}
            </AnswerPanel>
            {hasYield && (
              <TimePanel part={parts.usage} what="the yield" shape={shapeYield} onRetry={refresh} {...pickAndZoom} />
            )}
          </Columns>
          <PointsPanel part={parts.usage} where={where} onRetry={refresh} />
        </>
      )}
    </NumbersFrame>
  );
}

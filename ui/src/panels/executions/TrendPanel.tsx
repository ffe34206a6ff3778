import { useMemo } from "react";
import { sizeOf, timeChartOf } from "../../charts/answers.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { BUCKET_WORD, rangeLabel } from "../../format/time.ts";
import { STATUS_WORD, STATUSES } from "../../theme/tokens.ts";
import { useTokens } from "../../theme/useTokens.ts";
import type { Part } from "../../view/useAnswers.ts";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";

interface Props {
  part: Part;
  onRetry: () => void;
  /** A bucket was clicked, or buckets were dragged over: only that time. */
  onNarrow: (from: string, to: string) => void;
  onWiden: () => void;
}

const HEIGHT = 160;

/** What matches, over time and by status. */
export function TrendPanel({ part: { answer, error }, onRetry, onNarrow, onWiden }: Props) {
  const tokens = useTokens();
  const model = useMemo(
    () =>
      answer &&
      timeChartOf(answer, {
        title: "When they started",
        subtitle: `Executions per ${BUCKET_WORD[sizeOf(answer.meta.granularity)]} · ${rangeLabel(
          answer.meta.from,
          answer.meta.to,
          answer.meta.timezone,
          new Date(answer.meta.as_of),
        )}`,
        tokens,
        now: new Date(answer.meta.as_of),
        skipsEmpty: true,
        series: (name) => {
          const status = STATUSES.find((each) => name === `count_${each}`);
          return status ? { label: STATUS_WORD[status] } : null;
        },
      }),
    [answer, tokens],
  );
  if (error) return <ErrorState what="The counts could not be loaded" error={error} onRetry={onRetry} />;
  return (
    <Panel>
      {model ? (
        <TimeChart model={model} height={HEIGHT} onPick={onNarrow} onZoom={onNarrow} onZoomBack={onWiden} />
      ) : (
        <Skeleton label="the executions over time">
          <Bone width="11rem" height="1rem" />
          <div style={{ height: "0.5rem" }} />
          <Bone width="18rem" height="0.75rem" />
          <div style={{ height: "1.5rem" }} />
          <Bone height={`${HEIGHT / 16}rem`} />
        </Skeleton>
      )}
    </Panel>
  );
}

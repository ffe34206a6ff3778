import { useMemo } from "react";
import type { ApiError } from "../../api/problem.ts";
import type { Answer } from "../../api/types.ts";
import { timeChartOf } from "../../charts/answers.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { useTokens } from "../../theme/useTokens.ts";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";

interface Props {
  title: string;
  answer: Answer | undefined;
  error: ApiError | undefined;
  height?: number;
  /** One colour, where there is one series. */
  isPlain?: boolean;
  onRetry: () => void;
  onPick: (from: string, to: string) => void;
  onZoom: (from: string, to: string) => void;
  onZoomBack: () => void;
}

/** Failed executions over time. */
export function FailureTimeline({ title, answer, error, height = 200, isPlain = false, onRetry, ...rest }: Props) {
  const tokens = useTokens();
  const model = useMemo(
    () =>
      answer &&
      timeChartOf(answer, {
        title,
        tokens,
        now: new Date(answer.meta.as_of),
        skipsEmpty: !isPlain,
        series: (name) => {
          if (!isPlain) return { ...(name === "" ? { label: "No type" } : {}) };
          return name === "count" ? { label: "Failures", color: tokens.status.failed } : null;
        },
      }),
    [answer, title, tokens, isPlain],
  );
  if (error) return <ErrorState what="The timeline could not be loaded" error={error} onRetry={onRetry} />;
  return (
    <Panel>
      {model ? (
        <TimeChart model={model} height={height} {...rest} />
      ) : (
        <Skeleton label="the timeline">
          <Bone width="11rem" height="1rem" />
          <div style={{ height: "0.5rem" }} />
          <Bone width="18rem" height="0.75rem" />
          <div style={{ height: "1.5rem" }} />
          <Bone height={`${height / 16}rem`} />
        </Skeleton>
      )}
    </Panel>
  );
}

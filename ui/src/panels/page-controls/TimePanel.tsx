import { type ReactNode, useMemo } from "react";
import type { Answer } from "../../api/types.ts";
import type { TimeChartModel } from "../../charts/model.ts";
import type { Tokens } from "../../theme/tokens.ts";
import { useTokens } from "../../theme/useTokens.ts";
import type { Part } from "../../view/useAnswers.ts";
import { AnswerPanel } from "./AnswerPanel.tsx";
import { fromFirstRecord } from "./beginning.ts";
import { TimeChart } from "./charts.ts";
import classes from "./TimePanel.module.css";

interface Props {
  part: Part | undefined;
  what: string;
  shape: (answer: Answer, tokens: Tokens, now: Date) => TimeChartModel;
  height?: number;
  onPick?: (from: string, to: string) => void;
  onZoom?: (from: string, to: string) => void;
  onZoomBack?: () => void;
  onRetry: () => void;
  actions?: ReactNode;
}

/** A panel that is a chart over time. */
export function TimePanel({ part, what, shape, onRetry, actions, ...chart }: Props) {
  const controls = actions && <div className={classes.controls}>{actions}</div>;
  return (
    <AnswerPanel part={part} what={what} onRetry={onRetry}>
      {(answer) => <Shaped answer={answer} shape={shape} actions={controls} {...chart} />}
    </AnswerPanel>
  );
}

function Shaped({ answer, shape, ...chart }: { answer: Answer } & Omit<Props, "part" | "what" | "onRetry">) {
  const tokens = useTokens();
  // A pointer at rest must not see the chart rebuilt: its model changes with the answer only.
  const model = useMemo(
    () => shape(fromFirstRecord(answer), tokens, new Date(answer.meta.as_of)),
    [answer, tokens, shape],
  );
  return <TimeChart model={model} {...chart} />;
}

import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { Answer } from "../../api/types.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { TOKENS } from "../../theme/tokens.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { shapeTrend } from "./data.ts";

interface Props {
  answer: Answer | undefined;
  onPick: (from: string, to: string) => void;
  onZoom: (from: string, to: string) => void;
  onZoomBack: () => void;
  actions?: ReactNode;
}

export function TrendPanel({ answer, ...rest }: Props) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const model = useMemo(
    () => answer && shapeTrend(answer, TOKENS[scheme], new Date(answer.meta.as_of)),
    [answer, scheme],
  );
  return (
    <Panel>
      {model ? (
        <TimeChart model={model} {...rest} />
      ) : (
        <Skeleton label="the trend">
          <Bone width="11rem" height="1rem" />
          <div style={{ height: "0.5rem" }} />
          <Bone width="18rem" height="0.75rem" />
          <div style={{ height: "1.5rem" }} />
          <Bone height="16.25rem" />
        </Skeleton>
      )}
    </Panel>
  );
}

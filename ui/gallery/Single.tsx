import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import { TimeChart } from "../src/charts/TimeChart.tsx";
import { useTokens } from "../src/theme/useTokens.ts";
import { Panel } from "../src/widgets/Panel.tsx";
import { POINTS, type TimeKind, timeModel } from "./models.ts";

export const SINGLES: Record<string, TimeKind> = {
  line: { shape: "line", series: 1 },
  bars: { shape: "bar", series: 3 },
};

/** One chart, made anew by each click: how long that takes is measured. */
export function Single({ kind }: { kind: TimeKind }) {
  const tokens = useTokens();
  const [round, setRound] = useState(0);
  const model = useMemo(() => timeModel(round + 1, kind, tokens), [round, kind, tokens]);
  return (
    <>
      <h1>A chart of {POINTS} points</h1>
      <Button onClick={() => setRound(round + 1)}>Draw</Button>
      {round > 0 && (
        <Panel>
          <TimeChart key={round} model={model} />
        </Panel>
      )}
    </>
  );
}

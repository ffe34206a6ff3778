import { memo, useMemo } from "react";
import { LiveChart } from "../../charts/LiveChart.tsx";
import type { LiveMetrics } from "../../live/metrics.ts";
import { useZone } from "../../session/session.ts";
import { useTokens } from "../../theme/useTokens.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import classes from "./Charts.module.css";
import { barsOf, failureChart, SPAN_MS, throughputChart } from "./charts.ts";

interface Props {
  metrics: LiveMetrics | null;
  /** How often there are new counts. */
  everyMs: number;
  height?: number;
}

/** What ended in the last hour, and what of it failed. */
export const Charts = memo(function Charts({ metrics, everyMs, height = 180 }: Props) {
  const tokens = useTokens();
  const zone = useZone();
  const models = useMemo(() => {
    if (!metrics) return null;
    const bars = barsOf(metrics.series, metrics.at);
    return [throughputChart(bars, tokens, zone), failureChart(bars, tokens, zone)];
  }, [metrics, tokens, zone]);
  if (!models || !metrics) {
    return (
      <div className={classes.charts}>
        {["Executions that ended", "Executions that failed"].map((label) => (
          <Panel key={label}>
            <Skeleton label={label}>
              <Bone height={`${(height + 60) / 16}rem`} />
            </Skeleton>
          </Panel>
        ))}
      </div>
    );
  }
  return (
    <div className={classes.charts}>
      {models.map((model) => (
        <Panel key={model.title}>
          <LiveChart model={model} height={height} at={metrics.at} spanMs={SPAN_MS} everyMs={everyMs} />
        </Panel>
      ))}
    </div>
  );
});

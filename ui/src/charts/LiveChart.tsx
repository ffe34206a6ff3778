import { lazy, type ReactNode, Suspense } from "react";
import { compact } from "../format/format.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { seriesTotal, type TimeChartModel } from "./model.ts";
import { Legend } from "./time/Legend.tsx";
import { timeTable } from "./time/table.ts";
import { useHidden } from "./useHidden.ts";

const LivePlot = lazy(() => import("./live/LivePlot.tsx"));

interface Props {
  model: TimeChartModel;
  height?: number;
  /** The moment that the right edge stands for, in milliseconds since 1970. */
  at: number;
  spanMs: number;
  /** How long it takes until the next moment: the drawing moves that long. */
  everyMs: number;
  actions?: ReactNode;
}

/** Counts over the time that has just been, moving on with it: bars that stack, with all that charts have. */
export function LiveChart({ model, height = 180, actions, ...time }: Props) {
  const { hidden, toggle } = useHidden(model);
  return (
    <ChartFrame
      title={model.title}
      subtitle={model.subtitle}
      height={height}
      table={() => timeTable(model)}
      drawing={async (look) => (await import("./time/options.ts")).timeOption(model, hidden, look)}
      keys={model.series.map((series) => ({
        color: series.color,
        label: `${series.label} ${compact(seriesTotal(model, series) ?? null, model.unit)}`,
      }))}
      actions={actions}
      legend={<Legend model={model} hidden={hidden} onToggle={toggle} />}
    >
      <Suspense fallback={<div style={{ height: `${height / 16}rem` }} />}>
        <LivePlot model={model} hidden={hidden} height={height} {...time} />
      </Suspense>
    </ChartFrame>
  );
}

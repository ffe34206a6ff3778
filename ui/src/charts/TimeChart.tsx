import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { compact } from "../format/format.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { seriesTotal, type TimeChartModel, unitOfSeries } from "./model.ts";
import { Legend } from "./time/Legend.tsx";
import { axisNote } from "./time/scales.ts";
import { timeTable } from "./time/table.ts";
import { useHidden } from "./useHidden.ts";

// Not needed before the figures of a page stand.
const TimePlot = lazy(() => import("./time/TimePlot.tsx"));

interface Props {
  model: TimeChartModel;
  height?: number;
  /** Enter or click on a bucket: the rows behind it. */
  onPick?: (from: string, to: string) => void;
  /** Dragged over buckets, or moved along by Shift: another range. */
  onZoom?: (from: string, to: string) => void;
  /** Double click: back. */
  onZoomBack?: () => void;
  actions?: ReactNode;
}

/** A chart over time: bars and areas that stack, lines, a second axis, what was before, what was to be expected. */
export function TimeChart({ model, height = 260, onPick, onZoom, onZoomBack, actions }: Props) {
  const { hidden, toggle } = useHidden(model);
  const note = axisNote(model, hidden);
  const keys = useMemo(
    () =>
      model.series
        .filter(({ name }) => !hidden.has(name))
        .map((series) => {
          const total = seriesTotal(model, series);
          const sum = total === undefined ? "" : ` ${compact(total, unitOfSeries(model, series))}`;
          return { color: series.color, label: `${series.label}${sum}` };
        })
        .concat(model.band ? [{ color: model.band.color, label: `${model.band.label} (pale area)` }] : [])
        .concat(model.series.some(({ before }) => before) ? [{ color: "transparent", label: "Dashed: before" }] : []),
    [model, hidden],
  );

  return (
    <ChartFrame
      title={model.title}
      subtitle={note ? `${model.subtitle} · ${note}` : model.subtitle}
      height={height}
      table={() => timeTable(model)}
      drawing={async (look) => (await import("./time/options.ts")).timeOption(model, hidden, look)}
      keys={keys}
      actions={actions}
      legend={<Legend model={model} hidden={hidden} onToggle={toggle} />}
    >
      <Suspense fallback={<Waiting title={model.title} height={height} />}>
        <TimePlot
          model={model}
          hidden={hidden}
          height={height}
          onPick={onPick}
          onZoom={onZoom}
          onZoomBack={onZoomBack}
        />
      </Suspense>
    </ChartFrame>
  );
}

function Waiting({ title, height }: { title: string; height: number }) {
  return (
    <div
      role="img"
      aria-roledescription="chart"
      aria-label={title}
      aria-busy="true"
      style={{ height: `${height / 16}rem` }}
    />
  );
}

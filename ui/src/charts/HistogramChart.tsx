import { type ReactNode, useCallback } from "react";
import { exactCount, percent, share } from "../format/format.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { cursorAfter } from "./frame/cursor.ts";
import type { Look } from "./frame/look.ts";
import { Nothing } from "./frame/Nothing.tsx";
import stage from "./frame/Stage.module.css";
import { Stage } from "./frame/Stage.tsx";
import { histogramTable } from "./frame/tables.ts";
import { barOf, binAt, binName, histogramLayout } from "./histogram/layout.ts";
import { histogramOption } from "./histogram/option.ts";
import type { HistogramChartModel } from "./model.ts";

interface Props {
  model: HistogramChartModel;
  height?: number;
  /** Enter or click on a bin: the rows behind it. */
  onPick?: (from: number, to: number) => void;
  actions?: ReactNode;
}

/** How values are spread, on a logarithmic axis. */
export function HistogramChart({ model, height = 260, onPick, actions }: Props) {
  const { title, subtitle, unit, bins, countTitle = "Count" } = model;
  const drawing = useCallback((look: Look) => histogramOption(model, look), [model]);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const shareText = (count: number) => {
    const found = share(count, total);
    return found === null ? "" : percent(found);
  };
  const usage = `Left and right arrows move${onPick ? ", Enter shows the rows" : ""}, T shows the table.`;
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      height={height}
      table={() => histogramTable(model)}
      drawing={drawing}
      actions={actions}
    >
      <Stage
        label={`${title}. ${subtitle}. ${usage}`}
        height={height}
        drawing={drawing}
        after={(key, cursor) => cursorAfter(key, cursor, bins.length)}
        hit={({ x }, look) => binAt(bins, histogramLayout(model, look), x)}
        say={(index) => {
          const bin = bins[index];
          return bin ? `${binName(bin, unit)}: ${exactCount(bin.count)}, ${shareText(bin.count)}` : "";
        }}
        tip={(index, look) => {
          const bin = bins[index];
          if (!bin) return null;
          const layout = histogramLayout(model, look);
          const { x, width } = barOf(layout, bin);
          return {
            x: x + width / 2,
            y: layout.plot.top,
            title: binName(bin, unit),
            rows: [
              { name: "count", label: countTitle, text: exactCount(bin.count) },
              { name: "share", label: "Share", text: shareText(bin.count) },
            ],
          };
        }}
        mark={(index, look) => {
          const bin = bins[index];
          if (!bin) return null;
          const layout = histogramLayout(model, look);
          const { x, width } = barOf(layout, bin);
          const { top, bottom } = layout.plot;
          return <div className={stage.column} style={{ left: x, width, top, bottom }} />;
        }}
        onPick={
          onPick &&
          ((index) => {
            const bin = bins[index];
            if (bin && bin.count > 0) onPick(bin.from, bin.to);
          })
        }
      >
        {total === 0 && <Nothing>Nothing in this range</Nothing>}
      </Stage>
    </ChartFrame>
  );
}

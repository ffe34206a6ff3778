import { type ReactNode, useCallback } from "react";
import { compact } from "../format/format.ts";
import { useTokens } from "../theme/useTokens.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { heatColor } from "./frame/color.ts";
import { cellAfter } from "./frame/cursor.ts";
import type { Look } from "./frame/look.ts";
import { Nothing } from "./frame/Nothing.tsx";
import { Stage } from "./frame/Stage.tsx";
import { heatmapTable } from "./frame/tables.ts";
import classes from "./heatmap/heatmap.module.css";
import { boxOf, cellAt, cellName, domainOf, gridOf, scaleKeys } from "./heatmap/layout.ts";
import { heatmapOption } from "./heatmap/option.ts";
import type { HeatmapChartModel } from "./model.ts";

interface Props {
  model: HeatmapChartModel;
  height?: number;
  /** Enter or click on a cell: the rows behind it. */
  onPick?: (row: number, column: number) => void;
  actions?: ReactNode;
}

const ROW_PX = 26;

/** Two dimensions and a number, in one hue. */
export function HeatmapChart({ model, height, onPick, actions }: Props) {
  const tokens = useTokens();
  const { title, subtitle, rows, columns, unit } = model;
  const tall = height ?? Math.max(120, Math.min(640, rows.length * ROW_PX + 26));
  const drawing = useCallback((look: Look) => heatmapOption(model, look), [model]);
  const domain = domainOf(model);
  const usage = `Arrows move from cell to cell${onPick ? ", Enter shows the rows" : ""}, T shows the table.`;
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      height={tall}
      table={() => heatmapTable(model)}
      drawing={drawing}
      keys={scaleKeys(model, tokens)}
      actions={actions}
      legend={
        domain && (
          <div className={classes.scale}>
            <span>{compact(domain.min, unit)}</span>
            <span
              className={classes.gradient}
              style={{
                background: `linear-gradient(to right, ${[0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => heatColor(share, tokens)).join(", ")})`,
              }}
            />
            <span>{compact(domain.max, unit)}</span>
          </div>
        )
      }
    >
      <Stage
        label={`${title}. ${subtitle}. ${usage}`}
        height={tall}
        drawing={drawing}
        after={(key, cursor) => cellAfter(key, cursor, rows.length, columns.length)}
        hit={({ x, y }, look) => cellAt(model, gridOf(model, look), x, y)}
        say={(cell) => {
          const { row, column, text } = cellName(model, cell);
          return `${row}, ${column}: ${text}`;
        }}
        tip={(cell, look) => {
          const { row, column, text } = cellName(model, cell);
          const box = boxOf(gridOf(model, look), columns.length, cell);
          const place = { x: box.x + box.width / 2, y: box.y };
          return {
            ...place,
            title: `${row}, ${column}`,
            rows: [{ name: "value", label: model.valueTitle ?? title, text }],
          };
        }}
        mark={(cell, look) => {
          const { x, y, width, height: high } = boxOf(gridOf(model, look), columns.length, cell);
          return <div className={classes.cell} style={{ left: x, top: y, width, height: high }} />;
        }}
        onPick={onPick && ((cell) => onPick(Math.floor(cell / columns.length), cell % columns.length))}
      >
        {!domain && <Nothing>No values in this range</Nothing>}
      </Stage>
    </ChartFrame>
  );
}

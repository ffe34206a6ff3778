import { type ReactNode, useCallback, useMemo, useState } from "react";
import { compact, exact, percent, UNKNOWN } from "../format/format.ts";
import { useTokens } from "../theme/useTokens.ts";
import classes from "./donut/donut.module.css";
import { ringOf, type Slice, sliceAt, slicesOf } from "./donut/layout.ts";
import { donutOption, donutPicture } from "./donut/option.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { cursorAfter } from "./frame/cursor.ts";
import type { Look } from "./frame/look.ts";
import { Stage } from "./frame/Stage.tsx";
import { donutTable } from "./frame/tables.ts";
import type { DonutChartModel } from "./model.ts";

interface Props {
  model: DonutChartModel;
  height?: number;
  /** Enter or click on a slice or its name: the rows behind it. */
  onPick?: (name: string) => void;
  actions?: ReactNode;
}

function shareText({ share }: Slice): string {
  return share === null ? UNKNOWN : percent(share);
}

/** Shares of a whole, named and numbered beside it, and the whole in the middle. */
export function DonutChart({ model, height = 200, onPick, actions }: Props) {
  const tokens = useTokens();
  const [current, setCurrent] = useState<string | null>(null);
  const { title, subtitle, unit, total } = model;
  const slices = useMemo(() => slicesOf(model, tokens), [model, tokens]);
  const drawing = useCallback((look: Look) => donutOption(model, look, current), [model, current]);
  const shown = slices.find(({ name }) => name === current);
  const pick = (slice: Slice | undefined) => slice && !slice.isRest && onPick?.(slice.name);
  const usage = `Arrows move from slice to slice${onPick ? ", Enter shows the rows" : ""}, T shows the table.`;
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      height={height}
      table={() => donutTable(model)}
      drawing={(look) => donutPicture(model, look)}
      keys={slices.map((slice) => ({
        color: slice.color,
        label: `${slice.label} ${exact(slice.value, unit)} (${shareText(slice)})`,
      }))}
      actions={actions}
    >
      <div className={classes.donut}>
        <div className={classes.ring} style={{ width: `${height / 16}rem` }}>
          <Stage
            label={`${title}. ${subtitle}. ${usage}`}
            height={height}
            drawing={drawing}
            after={(key, cursor) => cursorAfter(key, cursor, slices.length)}
            hit={({ x, y }, look) => sliceAt(slices, ringOf(look), x, y)}
            say={(index) => {
              const slice = slices[index];
              return slice ? `${slice.label}: ${exact(slice.value, unit)}, ${shareText(slice)}` : "";
            }}
            onCursor={(index) => setCurrent(index === null ? null : (slices[index]?.name ?? null))}
            onPick={onPick && ((index) => pick(slices[index]))}
          >
            <div className={classes.middle} aria-hidden="true">
              <b>{compact(shown ? shown.value : total, unit)}</b>
              <span>{shown ? shown.label : "Total"}</span>
            </div>
          </Stage>
        </div>
        {slices.length === 0 && <p className={classes.nothing}>Nothing in this range</p>}
        <ul className={classes.legend} aria-label={title} hidden={slices.length === 0}>
          {slices.map((slice) => {
            const row = (
              <>
                <span className={classes.swatch} style={{ background: slice.color }} />
                <span className={classes.label} title={slice.label}>
                  {slice.label}
                </span>
                <span className={classes.value}>{exact(slice.value, unit)}</span>
                <span className={classes.share}>{shareText(slice)}</span>
              </>
            );
            const hover = {
              onPointerEnter: () => setCurrent(slice.name),
              onPointerLeave: () => setCurrent(null),
            };
            return (
              <li key={slice.name} data-current={slice.name === current || undefined} {...hover}>
                {onPick && !slice.isRest ? (
                  <button type="button" className={classes.row} onClick={() => pick(slice)}>
                    {row}
                  </button>
                ) : (
                  <div className={classes.row}>{row}</div>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </ChartFrame>
  );
}

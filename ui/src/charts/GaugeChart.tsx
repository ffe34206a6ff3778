import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { compact, exact } from "../format/format.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { gaugeTable } from "./frame/tables.ts";
import { useLook } from "./frame/useLook.ts";
import classes from "./gauge/gauge.module.css";
import { gaugeOption, gaugePicture, toneOf } from "./gauge/option.ts";
import type { GaugeChartModel } from "./model.ts";

const Canvas = lazy(() => import("./Canvas.tsx"));

interface Props {
  model: GaugeChartModel;
  height?: number;
  actions?: ReactNode;
}

const WORD = { bad: "bad", fair: "fair", good: "good" } as const;

/** One number on its scale. */
export function GaugeChart({ model, height = 150, actions }: Props) {
  const { ref, look } = useLook(height);
  const { title, subtitle, value, unit, min, max } = model;
  const option = useMemo(() => gaugeOption(model, look), [model, look]);
  const tone = toneOf(model);
  const range = `between ${exact(min, unit)} and ${exact(max, unit)}`;
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      height={height}
      table={() => gaugeTable(model)}
      drawing={(each) => gaugePicture(model, each)}
      actions={actions}
    >
      <div
        ref={ref}
        className={classes.gauge}
        style={{ height: look.height }}
        role="img"
        aria-roledescription="chart"
        aria-label={`${title}: ${value === null ? "not known" : exact(value, unit)}, ${range}${tone ? `, ${WORD[tone]}` : ""}`}
        tabIndex={0}
      >
        {look.width > 0 && (
          <Suspense fallback={null}>
            <Canvas option={option} width={look.width} height={look.height} />
          </Suspense>
        )}
        <div className={classes.figure}>
          <b>{exact(value, unit)}</b>
          <span>
            {tone ? <em data-tone={tone}>{WORD[tone]}</em> : null} {compact(min, unit)} – {compact(max, unit)}
          </span>
        </div>
      </div>
    </ChartFrame>
  );
}

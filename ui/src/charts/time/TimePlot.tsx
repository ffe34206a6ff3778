import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { rangeLabel } from "../../format/time.ts";
import { useChartCursor } from "../ChartCursor.tsx";
import { cursorAfter } from "../frame/cursor.ts";
import { Nothing } from "../frame/Nothing.tsx";
import { Tip } from "../frame/Tip.tsx";
import { useLook } from "../frame/useLook.ts";
import type { TimeChartModel } from "../model.ts";
import { announce, tipOf } from "./describe.ts";
import { bandWidth, edgeOf, indexAt, middleOf } from "./geometry.ts";
import { emptyNote, layoutOf, meanNote } from "./layout.ts";
import { timeOption } from "./options.ts";
import { panned, panStep } from "./pan.ts";
import classes from "./time.module.css";
import { useGestures } from "./useGestures.ts";

const Canvas = lazy(() => import("../Canvas.tsx"));

interface Props {
  model: TimeChartModel;
  onPick?: (from: string, to: string) => void;
  onZoom?: (from: string, to: string) => void;
  onZoomBack?: () => void;
  hidden: ReadonlySet<string>;
  height: number;
}

/** The drawing and its cursor: by pointer, by keyboard, and spoken. */
export default function TimePlot({ model, hidden, height: baseHeight, onPick, onZoom, onZoomBack }: Props) {
  const { ref, look } = useLook(baseHeight);
  const { width, height } = look;
  const { index: cursor, move } = useChartCursor(model);
  // The chart that has the pointer or the focus says the values; the others show where.
  const [isActive, setIsActive] = useState(false);
  const [said, setSaid] = useState("");

  const count = model.starts.length;
  const layout = useMemo(() => layoutOf(model, hidden, look), [model, hidden, look]);
  const { plot } = layout;
  const option = useMemo(() => timeOption(model, hidden, look), [model, hidden, look]);

  // A chart that goes while it has the pointer takes the cross-hair of the others with it.
  const leave = useRef(() => {});
  leave.current = () => isActive && move(null);
  useEffect(() => () => leave.current(), []);

  const range = (first: number, last: number, then?: (from: string, to: string) => void) => {
    const [from, to] = [model.starts[first], model.ends[last]];
    if (from && to) then?.(from, to);
  };
  const point = (index: number | null) => {
    setIsActive(index !== null);
    move(index);
  };
  const pan = (by: number) => {
    const next = panned(model, by, Date.now());
    if (next && onZoom) {
      onZoom(next.from, next.to);
      setSaid(rangeLabel(next.from, next.to, model.zone, new Date()));
    }
  };
  const { drag, handlers } = useGestures({
    at: (x) => indexAt(plot, count, x),
    onPoint: point,
    onPick: onPick && ((index) => range(index, index, onPick)),
    onZoom: onZoom && ((first, last) => range(first, last, onZoom)),
    onPan: onZoom && pan,
    onBack: onZoomBack,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const own = isActive ? cursor : null;
    const index = cursorAfter(event.key, own, count);
    if (event.shiftKey && onZoom && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      pan(event.key === "ArrowRight" ? panStep(count) : -panStep(count));
    } else if (index !== null) {
      point(index);
      setSaid(announce(model, index, hidden));
    } else if (event.key === "Enter" && own !== null) range(own, own, onPick);
    else if (event.key === "Escape" && own !== null) point(null);
    else return;
    event.preventDefault();
  };

  const usage = [
    "Left and right arrows move",
    onPick && "Enter shows the rows",
    onZoom && "Shift with an arrow moves the range",
    "T shows the table",
  ].filter(Boolean);
  const empty = emptyNote(model, hidden);
  const mean = meanNote(model, layout);
  const moving = drag?.kind === "pan" ? panned(model, drag.from - drag.to, Date.now()) : null;

  return (
    <>
      <div
        ref={ref}
        className={classes.plot}
        data-picks={Boolean(onPick) || undefined}
        style={{ height }}
        role="application"
        aria-roledescription="chart"
        aria-label={`${model.title}. ${model.subtitle}. ${usage.join(", ")}.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => point(null)}
        {...handlers}
      >
        {width > 0 && (
          <Suspense fallback={<div className={classes.waiting} style={{ height }} />}>
            <Canvas option={option} width={width} height={height} />
          </Suspense>
        )}
        {drag?.kind === "zoom" && (
          <div
            className={classes.selection}
            style={{
              left: edgeOf(plot, count, Math.min(drag.from, drag.to)),
              width: (Math.abs(drag.to - drag.from) + 1) * bandWidth(plot, count),
              top: plot.top,
              bottom: plot.bottom,
            }}
          />
        )}
        {drag?.kind === "pan" && (
          <div className={classes.moving}>
            {moving ? rangeLabel(moving.from, moving.to, model.zone, new Date()) : "Nothing is recorded beyond now"}
          </div>
        )}
        {cursor !== null && cursor < count && !drag && width > 0 && (
          <>
            <div
              className={classes.hair}
              style={{ left: middleOf(plot, count, cursor), top: plot.top, bottom: plot.bottom }}
            />
            {isActive && (
              <Tip x={middleOf(plot, count, cursor)} width={width} height={height} {...tipOf(model, cursor, hidden)} />
            )}
          </>
        )}
        {empty && width > 0 && <Nothing>{empty}</Nothing>}
        <div className="visually-hidden" aria-live="polite">
          {said}
        </div>
      </div>
      {mean && width > 0 && <p className={classes.mean}>{mean}</p>}
    </>
  );
}

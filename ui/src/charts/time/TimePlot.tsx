import { type KeyboardEvent, lazy, type PointerEvent, Suspense, useMemo, useRef, useState } from "react";
import { useLook } from "../frame/useLook.ts";
import type { TimeChartModel } from "../model.ts";
import { Cursor } from "./Cursor.tsx";
import { announce } from "./describe.ts";
import { bandWidth, cursorAfter, indexAt, middleOf, plotOf } from "./geometry.ts";
import { timeOption } from "./options.ts";
import classes from "./time.module.css";

const Canvas = lazy(() => import("../Canvas.tsx"));

const DRAG_MIN_PX = 6;
const DOUBLE_CLICK_MS = 240;

interface Props {
  model: TimeChartModel;
  onPick?: (from: string, to: string) => void;
  onZoom?: (from: string, to: string) => void;
  onZoomBack?: () => void;
  hidden: ReadonlySet<string>;
  height: number;
}

/** The drawing and its cursor: by pointer, by keyboard, and spoken. */
export function TimePlot({ model, hidden, height: baseHeight, onPick, onZoom, onZoomBack }: Props) {
  const { ref, look } = useLook(baseHeight);
  const { width, height, scale } = look;
  const [cursor, setCursor] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const picking = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pressed = useRef<{ x: number; index: number } | null>(null);

  const count = model.starts.length;
  const plot = useMemo(() => plotOf(width, height, scale), [width, height, scale]);
  const option = useMemo(() => timeOption(model, hidden, look), [model, hidden, look]);

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index));
    setCursor(next);
    setSaid(announce(model, next, hidden));
  };
  const pick = (index: number | null) => {
    const [from, to] = index === null ? [] : [model.starts[index], model.ends[index]];
    if (from && to) onPick?.(from, to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = cursorAfter(event.key, cursor, count);
    if (index !== null) moveTo(index);
    else if (event.key === "Enter") pick(cursor);
    else if (event.key === "Escape") setCursor(null);
    else return;
    event.preventDefault();
  };
  const indexOf = (event: PointerEvent) =>
    indexAt(plot, count, event.clientX - event.currentTarget.getBoundingClientRect().left);
  const onPointerMove = (event: PointerEvent) => {
    const index = indexOf(event);
    setCursor(index);
    const start = pressed.current;
    if (start && index !== null && Math.abs(event.clientX - start.x) > DRAG_MIN_PX) {
      setDrag({ from: Math.min(start.index, index), to: Math.max(start.index, index) });
    }
  };
  const onPointerDown = (event: PointerEvent) => {
    const index = indexOf(event);
    setCursor(index);
    if (event.button === 0 && event.pointerType !== "touch" && index !== null) {
      pressed.current = { x: event.clientX, index };
    }
  };
  const onPointerUp = () => {
    const start = pressed.current;
    pressed.current = null;
    setDrag(null);
    if (!start) return;
    if (!drag) {
      // A double click is not two picks.
      clearTimeout(picking.current);
      picking.current = setTimeout(() => pick(start.index), DOUBLE_CLICK_MS);
      return;
    }
    const [from, to] = [model.starts[drag.from], model.ends[drag.to]];
    if (from && to) onZoom?.(from, to);
  };
  const leave = () => {
    pressed.current = null;
    setDrag(null);
    setCursor(null);
  };

  return (
    <div
      ref={ref}
      className={classes.plot}
      style={{ height }}
      role="application"
      aria-roledescription="chart"
      aria-label={`${model.title}. ${model.subtitle}. Left and right arrows move, Enter shows the rows, T shows the table.`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(null)}
      onPointerMove={onPointerMove}
      onPointerDown={onPointerDown}
      onPointerUp={onPointerUp}
      onPointerLeave={leave}
      onDoubleClick={() => {
        clearTimeout(picking.current);
        onZoomBack?.();
      }}
    >
      {width > 0 && (
        <Suspense fallback={<div className={classes.waiting} style={{ height }} />}>
          <Canvas option={option} width={width} height={height} />
        </Suspense>
      )}
      {[...model.unknown].map(([index, reason]) => (
        <div
          key={index}
          className={classes.unknown}
          title={reason}
          style={{
            left: middleOf(plot, count, index) - bandWidth(plot, count) / 2,
            width: bandWidth(plot, count),
            top: plot.top,
            bottom: plot.bottom,
          }}
        />
      ))}
      {drag && (
        <div
          className={classes.selection}
          style={{
            left: middleOf(plot, count, drag.from) - bandWidth(plot, count) / 2,
            width: (drag.to - drag.from + 1) * bandWidth(plot, count),
            top: plot.top,
            bottom: plot.bottom,
          }}
        />
      )}
      {cursor !== null && cursor < count && !drag && (
        <Cursor model={model} hidden={hidden} index={cursor} x={middleOf(plot, count, cursor)} plot={plot} />
      )}
      <div className="visually-hidden" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { ticksOf, tickText } from "../../format/ticks.ts";
import { bucketLabel } from "../../format/time.ts";
import { useChartCursor } from "../ChartCursor.tsx";
import { cursorAfter } from "../frame/cursor.ts";
import { Nothing } from "../frame/Nothing.tsx";
import { Tip } from "../frame/Tip.tsx";
import { useLook } from "../frame/useLook.ts";
import type { TimeChartModel } from "../model.ts";
import { announce, tipOf } from "../time/describe.ts";
import { heightOf } from "../time/geometry.ts";
import { emptyNote, layoutOf } from "../time/layout.ts";
import { barsOf, placeOf, ticksBetween } from "./geometry.ts";
import classes from "./live.module.css";

interface Props {
  model: TimeChartModel;
  /** What the right edge is, in milliseconds since 1970. */
  at: number;
  /** How much time is in view. */
  spanMs: number;
  /** How long it takes until the next `at`. */
  everyMs: number;
  hidden: ReadonlySet<string>;
  height: number;
}

/** Bars that move to the left as time goes on, without being drawn anew. They rest while somebody looks closer. */
export default function LivePlot({ hidden, height: baseHeight, spanMs, everyMs, ...now }: Props) {
  const { ref, look } = useLook(baseHeight);
  const { width, height, isStill, scale: typeScale } = look;
  const [isActive, setActive] = useState(false);
  const [said, setSaid] = useState("");
  // Nothing moves under a resting pointer, nor under a cursor.
  const shown = useRef(now);
  if (!isActive) shown.current = now;
  const { model, at } = shown.current;
  const { index: cursor, move } = useChartCursor(model);

  const layout = useMemo(() => layoutOf(model, hidden, look), [model, hidden, look]);
  const { plot, left } = layout;
  const inner = Math.max(0, width - plot.left - plot.right);
  const origin = useRef(at).current;
  const scale = useMemo(() => ({ origin, pxPerMs: inner / spanMs }), [origin, inner, spanMs]);
  const bars = useMemo(() => barsOf(model, layout.shown, plot, left, scale), [model, layout, plot, left, scale]);

  const stepMs = Date.parse(model.ends[0] ?? "") - Date.parse(model.starts[0] ?? "");
  // Where motion is not wanted, it goes on by whole bars.
  const edge = isStill && stepMs > 0 ? Math.ceil(at / stepMs) * stepMs : at;
  const shift = inner - placeOf(scale, edge);
  const drawnWidth = useRef(width);
  const isGliding = !isStill && !isActive && drawnWidth.current === width;
  drawnWidth.current = width;
  const moving = {
    transform: `translateX(${shift.toFixed(2)}px)`,
    transition: isGliding ? `transform ${everyMs}ms linear` : "none",
  };

  const count = model.starts.length;
  const placeAt = (index: number) => {
    const [from, to] = [model.starts[index], model.ends[index]].map((instant) =>
      Math.max(0, Math.min(inner, placeOf(scale, Date.parse(instant ?? "")) + shift)),
    ) as [number, number];
    return { from: plot.left + from, to: plot.left + to };
  };
  const point = (index: number | null) => {
    setActive(index !== null);
    move(index);
  };
  const onPointerMove = (event: PointerEvent) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - plot.left;
    const instant = origin + (x - shift) / scale.pxPerMs;
    const index = x < 0 || x > inner ? -1 : model.ends.findIndex((end) => Date.parse(end) > instant);
    point(index < 0 ? null : index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = cursorAfter(event.key, isActive ? cursor : null, count);
    if (index !== null) {
      point(index);
      setSaid(announce(model, index, hidden));
    } else if (event.key === "Escape" && isActive) point(null);
    else return;
    event.preventDefault();
  };
  const empty = emptyNote(model, hidden);
  const baseline = heightOf(plot, left, left.min);
  const under = cursor !== null && cursor < count && width > 0 ? placeAt(cursor) : null;

  return (
    <div
      ref={ref}
      className={classes.plot}
      style={{ height }}
      role="application"
      aria-roledescription="chart"
      aria-label={`${model.title}. ${model.subtitle}. Left and right arrows move, T shows the table.`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => point(null)}
      onPointerMove={onPointerMove}
      onPointerLeave={() => point(null)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true" className={classes.drawing} fontSize={12 * typeScale}>
          {ticksOf(left).map((tick) => {
            const y = heightOf(plot, left, tick);
            return (
              <g key={tick}>
                <line x1={plot.left} x2={width - plot.right} y1={y} y2={y} className={classes.grid} />
                <text x={plot.left - 6 * typeScale} y={y} className={classes.value}>
                  {tickText(tick, model.unit, left.step)}
                </text>
              </g>
            );
          })}
          <svg aria-hidden="true" x={plot.left} y={0} width={inner} height={baseline} overflow="hidden">
            <g style={moving}>
              {bars.map(({ name, color, path }) => (
                <path key={name} d={path} fill={color} />
              ))}
            </g>
          </svg>
          <svg aria-hidden="true" x={0} y={0} width={width} height={height} overflow="hidden">
            <g style={moving}>
              {ticksBetween(edge - spanMs, edge).map((tick) => (
                <text
                  key={tick}
                  x={plot.left + placeOf(scale, tick)}
                  y={height - plot.bottom + 16 * typeScale}
                  className={classes.time}
                >
                  {bucketLabel(new Date(tick).toISOString(), "minute", model.zone)}
                </text>
              ))}
            </g>
          </svg>
        </svg>
      )}
      {under && (
        <div
          className={classes.under}
          style={{ left: under.from, width: Math.max(1, under.to - under.from), top: plot.top, bottom: plot.bottom }}
        />
      )}
      {under && isActive && cursor !== null && (
        <Tip x={(under.from + under.to) / 2} width={width} height={height} {...tipOf(model, cursor, hidden)} />
      )}
      {empty && width > 0 && <Nothing>{empty}</Nothing>}
      <div className="visually-hidden" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

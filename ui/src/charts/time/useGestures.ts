/** What a pointer does over a chart over time: point, pick, drag to zoom, drag with Shift to move along. */
import { type PointerEvent, useEffect, useRef, useState } from "react";

const DRAG_MIN_PX = 6;
const DOUBLE_CLICK_MS = 240;

interface Options {
  /** The bucket at a distance from the left edge. */
  at: (x: number) => number | null;
  onPoint: (index: number | null) => void;
  onPick?: (index: number) => void;
  onZoom?: (first: number, last: number) => void;
  /** By how many buckets to the left: what was further right comes into view. */
  onPan?: (by: number) => void;
  onBack?: () => void;
}

export interface Drag {
  kind: "zoom" | "pan";
  from: number;
  to: number;
}

export function useGestures({ at, onPoint, onPick, onZoom, onPan, onBack }: Options) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const pressed = useRef<{ x: number; index: number; isPan: boolean } | null>(null);
  const picking = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(picking.current), []);

  const indexOf = (event: PointerEvent) => at(event.clientX - event.currentTarget.getBoundingClientRect().left);
  const stop = () => {
    pressed.current = null;
    setDrag(null);
  };

  const onPointerMove = (event: PointerEvent) => {
    const index = indexOf(event);
    onPoint(index);
    const start = pressed.current;
    if (!start || index === null || Math.abs(event.clientX - start.x) <= DRAG_MIN_PX) return;
    if (start.isPan ? onPan : onZoom) setDrag({ kind: start.isPan ? "pan" : "zoom", from: start.index, to: index });
  };
  const onPointerDown = (event: PointerEvent) => {
    const index = indexOf(event);
    onPoint(index);
    // On a touch screen a drag scrolls the page; a tap shows the values.
    if (event.button === 0 && event.pointerType !== "touch" && index !== null) {
      pressed.current = { x: event.clientX, index, isPan: event.shiftKey };
    }
  };
  const onPointerUp = () => {
    const start = pressed.current;
    stop();
    if (!start) return;
    if (drag?.kind === "zoom") onZoom?.(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
    else if (drag?.kind === "pan") onPan?.(drag.from - drag.to);
    else if (!start.isPan) {
      // A double click is not two picks.
      clearTimeout(picking.current);
      picking.current = setTimeout(() => onPick?.(start.index), onBack ? DOUBLE_CLICK_MS : 0);
    }
  };
  const onPointerLeave = () => {
    stop();
    onPoint(null);
  };
  const onDoubleClick = () => {
    clearTimeout(picking.current);
    onBack?.();
  };
  return { drag, handlers: { onPointerMove, onPointerDown, onPointerUp, onPointerLeave, onDoubleClick } };
}

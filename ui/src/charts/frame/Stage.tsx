import { type KeyboardEvent, lazy, type PointerEvent, type ReactNode, Suspense, useMemo, useState } from "react";
import type { Drawing, Look } from "./look.ts";
import classes from "./Stage.module.css";
import { Tip, type TipContent } from "./Tip.tsx";
import { useLook } from "./useLook.ts";

const Canvas = lazy(() => import("../Canvas.tsx"));

export interface Place {
  x: number;
  y: number;
}

interface Props {
  /** What it shows and how it is used, for a screen reader. */
  label: string;
  height: number;
  drawing: Drawing;
  /** Where a key moves the cursor to; null when the key is no move. */
  after: (key: string, cursor: number | null) => number | null;
  /** What is under the pointer. */
  hit: (place: Place, look: Look) => number | null;
  say: (index: number) => string;
  tip?: (index: number, look: Look) => (TipContent & Place) | null;
  /** What marks the thing under the cursor. */
  mark?: (index: number, look: Look) => ReactNode;
  onPick?: (index: number) => void;
  onCursor?: (index: number | null) => void;
  children?: ReactNode;
}

/** A drawing with a cursor that goes from thing to thing: by pointer, by keyboard, and spoken. */
export function Stage({ label, height, drawing, after, hit, say, tip, mark, onPick, onCursor, children }: Props) {
  const { ref, look } = useLook(height);
  const [cursor, setCursor] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const option = useMemo(() => drawing(look), [drawing, look]);

  const move = (next: number | null) => {
    if (next === cursor) return;
    setCursor(next);
    onCursor?.(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = after(event.key, cursor);
    if (next !== null) {
      move(next);
      setSaid(say(next));
    } else if (event.key === "Enter" && cursor !== null) onPick?.(cursor);
    else if (event.key === "Escape" && cursor !== null) move(null);
    else return;
    event.preventDefault();
  };
  const at = (event: PointerEvent | React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return hit({ x: event.clientX - box.left, y: event.clientY - box.top }, look);
  };
  const beside = cursor === null || look.width === 0 ? null : tip?.(cursor, look);

  return (
    <div
      ref={ref}
      className={classes.stage}
      data-picks={(onPick && cursor !== null) || undefined}
      style={{ height: look.height }}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => move(null)}
      onPointerMove={(event) => move(at(event))}
      onPointerLeave={() => move(null)}
      onClick={(event) => {
        const index = at(event);
        if (index !== null) onPick?.(index);
      }}
    >
      {look.width > 0 && (
        <Suspense fallback={null}>
          <Canvas option={option} width={look.width} height={look.height} />
        </Suspense>
      )}
      {children}
      {cursor !== null && look.width > 0 && mark?.(cursor, look)}
      {beside && <Tip {...beside} width={look.width} height={look.height} />}
      <div className="visually-hidden" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

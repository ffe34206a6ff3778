import { type FocusEvent, useMemo, useRef, useState } from "react";
import { type Held, hold } from "./hold.ts";

interface Asked {
  /** What was asked for. Whoever asks for something else is shown it, wherever they point. */
  of?: string;
  /** Whether the rows are those of what was asked for, and not of before. */
  isSettled?: boolean;
}

interface Holding<Row> extends Held<Row> {
  /** For the element around the rows. */
  holdProps: {
    onPointerEnter: () => void;
    onPointerLeave: () => void;
    onFocus: () => void;
    onBlur: (event: FocusEvent<HTMLElement>) => void;
  };
  isHeld: boolean;
}

/** Keeps rows in their places while the pointer is over them or the focus among them. */
export function useHold<Row>(
  now: readonly Row[],
  keyOf: (row: Row) => string,
  { of = "", isSettled = true }: Asked = {},
): Holding<Row> {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const shown = useRef(now);
  const asked = useRef({ of, isAnswered: true });
  if (asked.current.of !== of) asked.current = { of, isAnswered: false };
  if (!asked.current.isAnswered) shown.current = now;
  if (isSettled) asked.current.isAnswered = true;
  const isHeld = isPointed || isFocused;
  const before = shown.current;
  const held = useMemo(
    () => (isHeld ? hold(before, now, keyOf) : { rows: now, waiting: 0 }),
    [isHeld, before, now, keyOf],
  );
  shown.current = held.rows;
  return {
    ...held,
    isHeld,
    holdProps: {
      onPointerEnter: () => setPointed(true),
      onPointerLeave: () => setPointed(false),
      onFocus: () => setFocused(true),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(false);
      },
    },
  };
}

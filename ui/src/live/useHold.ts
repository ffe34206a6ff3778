import { type FocusEvent, useMemo, useRef, useState } from "react";
import { type Held, hold } from "./hold.ts";

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
export function useHold<Row>(now: readonly Row[], keyOf: (row: Row) => string): Holding<Row> {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const isHeld = isPointed || isFocused;
  const shown = useRef(now);
  const held = useMemo(
    () => (isHeld ? hold(shown.current, now, keyOf) : { rows: now, waiting: 0 }),
    [isHeld, now, keyOf],
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

import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import classes from "./RollingNumber.module.css";

/** As long as all updates glide. */
const ROLL_MS = 300;

interface Props {
  value: number | null;
  /** How it is written. */
  text: string;
}

/** A figure that rolls to its next value: digit by digit, up when it grows. At rest it is plain text. */
export function RollingNumber({ value, text }: Props) {
  const isStill = useReducedMotion(false, { getInitialValueInEffect: false });
  const before = useRef({ value, text });
  const [rolling, setRolling] = useState<{ from: string; isUp: boolean } | null>(null);
  useEffect(() => {
    const was = before.current;
    before.current = { value, text };
    if (isStill || was.text === text || was.value === null || value === null) return;
    setRolling({ from: was.text, isUp: value > was.value });
    const timer = setTimeout(() => setRolling(null), ROLL_MS);
    return () => clearTimeout(timer);
  }, [value, text, isStill]);
  if (!rolling || isStill) return <span>{text}</span>;
  // From the right: the ones stay the ones when a figure gets longer.
  const was = [...rolling.from].reverse();
  const letters = [...text].reverse().map((letter, place) => ({ letter, place, isNew: was[place] !== letter }));
  return (
    <span>
      <span className="visually-hidden">{text}</span>
      <span aria-hidden="true" className={classes.rolling} data-up={rolling.isUp || undefined}>
        {letters.reverse().map(({ letter, place, isNew }) => (
          <span key={`${place} ${letter}`} className={isNew ? classes.turned : undefined}>
            {letter}
          </span>
        ))}
      </span>
    </span>
  );
}

import { type ReactNode, useEffect, useState } from "react";
import classes from "./Skeleton.module.css";

const SHOWN_AFTER_MS = 150;

/** True once something has been pending long enough to be worth showing. */
export function useIsSlow(isPending: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isPending) {
      setSlow(false);
      return;
    }
    const timer = setTimeout(() => setSlow(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isPending]);
  return isPending && isSlow;
}

/** A grey bar where text will be. */
export function Bone({ width = "100%", height = "0.875rem" }: { width?: string; height?: string }) {
  return <span className={classes.bone} style={{ width, height }} />;
}

/** The skeleton of a layout: keeps its room at once, is painted after 150 ms, and is said once. */
export function Skeleton({ label, children }: { label: string; children: ReactNode }) {
  const isSlow = useIsSlow(true);
  return (
    <div role="status" className={classes.skeleton} data-shown={isSlow || undefined}>
      <span className="visually-hidden">{isSlow ? `Loading ${label}` : ""}</span>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

import { Button } from "@mantine/core";
import { useState } from "react";
import classes from "./InlineConfirm.module.css";

/** A button that asks once more in its own place before it does what cannot be undone. */
export function InlineConfirm({ label, about, onConfirm }: { label: string; about: string; onConfirm: () => void }) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button variant="subtle" size="compact-sm" aria-label={`${label} ${about}`} onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  }
  return (
    <span className={classes.confirm}>
      <Button
        variant="outline"
        color="red"
        c="var(--status-failed-text)"
        size="compact-sm"
        autoFocus
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label} for good
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  );
}

import classes from "./Chip.module.css";
import { Icon } from "./Icon.tsx";

/** A filter that is on, and the way to take it off. */
export function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <button type="button" className={classes.chip} onClick={onRemove} title="Remove this filter">
      {label}
      <Icon name="cross" size={12} />
      <span className="visually-hidden">remove</span>
    </button>
  );
}

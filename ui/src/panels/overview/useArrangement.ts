import { useState } from "react";
import { usePreferences, useSetPreferences } from "../../session/preferences.ts";
import { type Arrangement, arrangementOf, withArrangement } from "./arrangement.ts";

export interface ArrangementControl {
  arrangement: Arrangement;
  /** Null goes back to the arrangement that everybody begins with. */
  change: (next: Arrangement | null) => void;
  /** Takes the last change back; undefined where there is none. */
  undo: (() => void) | undefined;
  /** The server did not keep the last change, and why. */
  error: Error | null;
}

/** The viewer's arrangement of the Overview, kept in the preferences. */
export function useArrangement(): ArrangementControl {
  const preference = usePreferences().widget_arrangement as Record<string, unknown> | null;
  const save = useSetPreferences();
  const [past, setPast] = useState<Arrangement[]>([]);
  const arrangement = arrangementOf(preference);
  const keep = (next: Arrangement | null) =>
    save.mutate({ widget_arrangement: withArrangement(preference, next) as never });
  const last = past.at(-1);
  return {
    arrangement,
    change: (next) => {
      setPast([...past, arrangement]);
      keep(next);
    },
    undo:
      last &&
      (() => {
        setPast(past.slice(0, -1));
        keep(last);
      }),
    error: save.error,
  };
}

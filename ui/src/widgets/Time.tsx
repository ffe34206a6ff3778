import { exactTime, relativeTime } from "../format/time.ts";
import { useZone } from "../session/session.ts";
import { useNow } from "./now.ts";
import { tip } from "./tip.ts";

/** When something was: relative under a day, with the exact time in a tooltip. */
export function Time({ at }: { at: string | null }) {
  const zone = useZone();
  const now = useNow();
  if (!at) return <span className="muted">–</span>;
  // The shared clock may be seconds behind; what has happened is never in the future by less than a tick.
  const ahead = Date.parse(at) - now.getTime();
  const shown = ahead > 0 && ahead < 15_000 ? new Date(at) : now;
  return (
    <time {...tip(`${exactTime(at, zone)} ${zone}`)} dateTime={at} style={{ whiteSpace: "nowrap" }}>
      {relativeTime(at, zone, shown)}
    </time>
  );
}

import { exactTime } from "../../format/time.ts";
import { useZone } from "../../session/session.ts";
import { useNow } from "../../widgets/now.ts";
import { tip } from "../../widgets/tip.ts";
import { until } from "./until.ts";

/** When a workflow is due: relative under a day, with the exact time in a tooltip. */
export function NextRun({ at }: { at: string | null }) {
  const zone = useZone();
  const now = useNow();
  if (!at) return <span className="muted">–</span>;
  return (
    <time {...tip(`${exactTime(at, zone)} ${zone}`)} dateTime={at} style={{ whiteSpace: "nowrap" }}>
      {until(at, zone, now)}
    </time>
  );
}

/** What every question of a page has in common: the view that its address says, for the one who looks. Pure. */
import type { CompareWith, Granularity, Period, Preferences, Query, Session } from "../api/types.ts";
import { ownZone } from "../session/zone.ts";
import { filtersOf, granularityOf, timeOf, type View, type Where } from "./view.ts";

export type Frame = Pick<Query, "time" | "timezone" | "filters">;

export interface Current {
  view: View;
  /** The period that counts where the URL names no time: the viewer's own choice. */
  period: Period;
  zone: string;
  granularity: Granularity;
  /** With what questions are compared; undefined where comparing is off. */
  compare: CompareWith | undefined;
  frame: (where?: Where) => Frame;
}

export function currentOf(view: View, preferences: Preferences, session: Session): Current {
  const { default_period: period } = preferences;
  const zone = view.tz ?? ownZone(preferences, session);
  return {
    view,
    period,
    zone,
    granularity: granularityOf(view, period),
    compare: view.compare === "off" ? undefined : (view.compare ?? "previous_period"),
    frame: (where) => ({ time: timeOf(view, period), timezone: zone, filters: filtersOf(where) }),
  };
}

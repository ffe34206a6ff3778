import { useSearch } from "@tanstack/react-router";
import type { CompareWith, Granularity, Period, Query } from "../api/types.ts";
import { usePreferences } from "../session/preferences.ts";
import { useOwnZone } from "../session/session.ts";
import { useChange } from "./useChange.ts";
import { filtersOf, granularityOf, timeOf, type View, type Where } from "./view.ts";

/** What every question of a page has in common. */
export type Frame = Pick<Query, "time" | "timezone" | "filters">;

export interface CurrentView {
  view: View;
  /** The period that counts where the URL names no time: the viewer's own choice. */
  period: Period;
  zone: string;
  granularity: Granularity;
  /** With what questions are compared; undefined where comparing is off. */
  compare: CompareWith | undefined;
  frame: (where?: Where) => Frame;
  /** Changes the view, in the URL. What is `undefined` goes back to the default. */
  change: (change: View) => void;
}

export function useView(): CurrentView {
  const view = useSearch({ from: "/app" });
  const change = useChange<View>();
  const { default_period: period } = usePreferences();
  const own = useOwnZone();
  const zone = view.tz ?? own;
  return {
    view,
    period,
    zone,
    granularity: granularityOf(view, period),
    compare: view.compare === "off" ? undefined : (view.compare ?? "previous_period"),
    frame: (where) => ({ time: timeOf(view, period), timezone: zone, filters: filtersOf(where) }),
    change,
  };
}

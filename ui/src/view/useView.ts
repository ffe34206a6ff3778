import { useSearch } from "@tanstack/react-router";
import { usePreferences } from "../session/preferences.ts";
import { useSession } from "../session/session.ts";
import { type Current, currentOf } from "./current.ts";
import { useChange } from "./useChange.ts";
import type { View } from "./view.ts";

export interface CurrentView extends Current {
  /** Changes the view, in the URL. What is `undefined` goes back to the default. */
  change: (change: View) => void;
}

export function useView(): CurrentView {
  const view = useSearch({ from: "/app" });
  const change = useChange<View>();
  return { ...currentOf(view, usePreferences(), useSession()), change };
}

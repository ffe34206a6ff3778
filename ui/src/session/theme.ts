import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import type { Preferences } from "../api/types.ts";
import { usePreferences, useSetPreferences } from "./preferences.ts";

export type Theme = Preferences["theme"];

/** The theme that the viewer has chosen, wherever signed in. */
export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  const { theme } = usePreferences();
  const change = useSetPreferences();
  return { theme, setTheme: (next) => change.mutate({ theme: next }) };
}

/**
 * Draws in that theme, and keeps it on the device, so that the first paint of the next visit is right before anything is
 * known. A screen on a wall is dark unless the viewer has chosen otherwise.
 */
export function useApplyTheme(isOnWall: boolean): void {
  const { theme } = usePreferences();
  const { setColorScheme } = useMantineColorScheme();
  const own = isOnWall ? "dark" : "auto";
  useEffect(() => setColorScheme(theme === "system" ? own : theme), [theme, own, setColorScheme]);
}

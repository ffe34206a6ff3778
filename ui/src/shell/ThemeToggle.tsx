import { ActionIcon } from "@mantine/core";
import { type Theme, useTheme } from "../session/theme.ts";
import { Icon, type IconName } from "../widgets/Icon.tsx";
import { tip } from "../widgets/tip.ts";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
export const THEME_SAYS: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };
export const THEME_ICON: Record<Theme, IconName> = { system: "auto", light: "sun", dark: "moon" };

/** A way to go to the next theme. */
export function useThemeCycle(): () => void {
  const { theme, setTheme } = useTheme();
  return () => setTheme(NEXT[theme]);
}

/** Shows the theme; a click is for the next one. */
export function ThemeToggle({ theme, onChange }: { theme: Theme; onChange: (theme: Theme) => void }) {
  const label = `Theme: ${THEME_SAYS[theme]}. Switch to ${THEME_SAYS[NEXT[theme]]}`;
  return (
    <ActionIcon
      {...tip(label)}
      variant="subtle"
      size="md"
      aria-label={label}
      onClick={() => onChange(NEXT[theme])}
      c="var(--muted)"
    >
      <Icon name={THEME_ICON[theme]} />
    </ActionIcon>
  );
}

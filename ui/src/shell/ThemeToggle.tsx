import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";
import { Icon, type IconName } from "../widgets/Icon.tsx";

const NEXT = { auto: "light", light: "dark", dark: "auto" } as const;
const LABEL = { auto: "as the system", light: "light", dark: "dark" } as const;
const ICON: Record<keyof typeof NEXT, IconName> = { auto: "auto", light: "sun", dark: "moon" };

/** Follows the system until told otherwise; the choice is remembered on this device. */
export function useThemeCycle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { colorScheme, cycle: () => setColorScheme(NEXT[colorScheme]) };
}

export function ThemeToggle() {
  const { colorScheme, cycle } = useThemeCycle();
  const label = `Theme: ${LABEL[colorScheme]}. Switch to ${LABEL[NEXT[colorScheme]]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={label} onClick={cycle} c="var(--muted)">
        <Icon name={ICON[colorScheme]} />
      </ActionIcon>
    </Tooltip>
  );
}

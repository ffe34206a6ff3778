import {
  type ButtonProps,
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  type MantineTheme,
} from "@mantine/core";
import { type Scheme, STATUSES, TOKENS } from "./tokens.ts";

/** One accent. Index 6 is the light theme's, index 4 the dark theme's. */
const accent: MantineColorsTuple = [
  "#EAF0FC",
  "#D3E0F9",
  "#B4CAF7",
  "#97B9FB",
  "#7AA7FF",
  "#4478E0",
  "#2457C5",
  "#1D48A6",
  "#183B88",
  "#122D69",
];

/** Mantine's greys for the dark theme, laid over ours: 6 is its input background, 7 its body, 4 its border. */
const dark: MantineColorsTuple = [
  "#E8ECF2",
  "#C9D1DB",
  "#A0AAB8",
  "#7C8796",
  "#3A434F",
  "#2A313B",
  "#171C23",
  "#0F1318",
  "#0B0E12",
  "#07090C",
];

export const colorSchemeManager = localStorageColorSchemeManager({ key: "tacho.colour-scheme" });

export const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.45", sm: "1.45", md: "1.45", lg: "1.45", xl: "1.45" },
  headings: { fontWeight: "600" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  radius: { xs: "2px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  defaultRadius: "sm",
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  // Under this luminance text is white: #2457C5 takes white, #7AA7FF takes black.
  luminanceThreshold: 0.3,
  colors: { accent, dark },
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Tooltip: { defaultProps: { withArrow: false, openDelay: 200, multiline: true, maw: 320, fz: "xs" } },
    Button: {
      defaultProps: { size: "xs", fz: "sm" },
      // Computed contrast knows only the light theme's shade; the variable knows both.
      vars: (_theme: MantineTheme, { variant, color }: ButtonProps) => ({
        root: !color && (!variant || variant === "filled") ? { "--button-color": "var(--on-accent)" } : {},
      }),
    },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    // A list that is there while it is closed has its place worked out, and the whole page laid out for that.
    Select: {
      defaultProps: {
        size: "sm",
        allowDeselect: false,
        withCheckIcon: false,
        comboboxProps: { keepMounted: false },
      },
    },
    // The placeholder would be a child that a menu may not have.
    Menu: {
      defaultProps: { shadow: "md", radius: "md", position: "bottom-end", withInitialFocusPlaceholder: false },
    },
    Popover: { defaultProps: { shadow: "md", radius: "md" } },
  },
});

function variables(scheme: Scheme): Record<string, string> {
  const tokens = TOKENS[scheme];
  const out: Record<string, string> = {
    "--bg": tokens.background,
    "--surface": tokens.surface,
    "--border": tokens.border,
    "--text": tokens.text,
    "--muted": tokens.muted,
    "--accent": tokens.accent,
    "--on-accent": scheme === "light" ? "#FFFFFF" : tokens.background,
    "--mantine-primary-color-contrast": scheme === "light" ? "#FFFFFF" : tokens.background,
    "--mantine-color-body": tokens.background,
    "--mantine-color-text": tokens.text,
    "--mantine-color-dimmed": tokens.muted,
    "--mantine-color-placeholder": tokens.muted,
    "--mantine-color-default-border": tokens.border,
    "--mantine-color-default": tokens.background,
    "--mantine-color-default-hover": tokens.surface,
    "--mantine-color-error": tokens.statusText.failed,
    "--mantine-color-anchor": tokens.accent,
  };
  for (const status of STATUSES) {
    out[`--status-${status}`] = tokens.status[status];
    out[`--status-${status}-text`] = tokens.statusText[status];
  }
  tokens.series.forEach((colour, index) => {
    out[`--series-${index + 1}`] = colour;
  });
  return out;
}

export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variables("light"),
  dark: variables("dark"),
});

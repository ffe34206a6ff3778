import { ActionIcon } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { ChartCursorProvider } from "../charts/ChartCursor.tsx";
import { useLiveSession } from "../live/useLive.ts";
import { useApplyTheme, useTheme } from "../session/theme.ts";
import { useRememberVisits } from "../session/visits.ts";
import { Icon } from "../widgets/Icon.tsx";
import { Logo } from "../widgets/Logo.tsx";
import { tip } from "../widgets/tip.ts";
import { Account } from "./Account.tsx";
import { useDestinations } from "./destinations.ts";
import { HelpSheet } from "./HelpSheet.tsx";
import { Navigation, PhoneNavigation } from "./Navigation.tsx";
import { OfflineBanner } from "./OfflineBanner.tsx";
import { PALETTE_KEYS, PaletteDoor, usePalette } from "./palette/Door.tsx";
import { RouteAnnouncer } from "./RouteAnnouncer.tsx";
import classes from "./Shell.module.css";
import { ShortcutProvider, useShortcuts } from "./shortcuts.tsx";
import { ThemeToggle, useThemeCycle } from "./ThemeToggle.tsx";
import { useApplyWall, useIsPointerResting, useStayAwake, useWall } from "./wall.ts";

export function Shell() {
  return (
    <ShortcutProvider>
      <Frame />
    </ShortcutProvider>
  );
}

function Frame() {
  const [isHelping, setHelping] = useState(false);
  const navigate = useNavigate();
  const destinations = useDestinations().flat();
  const cycleTheme = useThemeCycle();
  const palette = usePalette();
  const { wall, toggleWall } = useWall();
  const isPhone = useMediaQuery("(max-width: 767px)", false, { getInitialValueInEffect: false });
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useApplyTheme(wall);
  useApplyWall(wall);
  useStayAwake(wall);
  const isPointerResting = useIsPointerResting(wall);
  useLiveSession();
  useRememberVisits(pathname);

  useShortcuts([
    ...destinations.map(({ to, label, key }) => ({
      keys: `g ${key}`,
      label,
      group: "Go to" as const,
      run: () => void navigate({ to }),
    })),
    { keys: "?", label: "Keyboard shortcuts", group: "General", run: () => setHelping(true) },
    { keys: "d", label: "Next theme: system, light, dark", group: "General", run: cycleTheme },
    { keys: "w", label: "Wall screen on or off", group: "General", run: toggleWall },
    ...(wall ? [{ keys: "Escape", label: "Leave the wall screen", group: "General" as const, run: toggleWall }] : []),
  ]);

  const help = () => setHelping(true);
  return (
    <div
      className={classes.frame}
      data-wall={wall || undefined}
      data-phone={isPhone || undefined}
      data-resting={isPointerResting || undefined}
    >
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      {!wall &&
        (isPhone ? (
          <PhoneTop onSearch={palette.open} account={<Account isPhone onHelp={help} onWall={toggleWall} />} />
        ) : (
          <Side onSearch={palette.open} account={<Account isPhone={false} onHelp={help} onWall={toggleWall} />} />
        ))}
      <div className={classes.content}>
        <OfflineBanner />
        <main id="main" tabIndex={-1} className={classes.main}>
          <ChartCursorProvider>
            <Outlet />
          </ChartCursorProvider>
        </main>
      </div>
      {!wall && isPhone && <PhoneNavigation />}
      {wall && (
        <ActionIcon
          {...tip("Leave wall screen (Esc)")}
          className={classes.leaveWall}
          variant="default"
          aria-label="Leave wall screen"
          onClick={toggleWall}
        >
          <Icon name="screen" />
        </ActionIcon>
      )}
      <HelpSheet opened={isHelping} onClose={() => setHelping(false)} />
      <PaletteDoor {...palette} />
      <RouteAnnouncer pathname={pathname} />
    </div>
  );
}

function ViewerTheme() {
  const { theme, setTheme } = useTheme();
  return <ThemeToggle theme={theme} onChange={setTheme} />;
}

interface BarProps {
  account: React.ReactNode;
  onSearch: () => void;
}

function Side({ account, onSearch }: BarProps) {
  const isWide = useMediaQuery("(min-width: 1024px)", true, { getInitialValueInEffect: false });
  const [chosen, setChosen] = useLocalStorage<"wide" | "narrow" | null>({
    key: "tacho.rail",
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const isNarrow = chosen ? chosen === "narrow" : !isWide;
  const label = isNarrow ? "Widen the navigation" : "Narrow the navigation";
  return (
    <header className={classes.side} data-narrow={isNarrow || undefined}>
      <div className={classes.rail}>
        <div className={classes.head}>
          <Brand />
          <ActionIcon
            {...tip(label, { place: "right" })}
            variant="subtle"
            c="var(--muted)"
            aria-label={label}
            aria-expanded={!isNarrow}
            onClick={() => setChosen(isNarrow ? "wide" : "narrow")}
          >
            <Icon name="rail" />
          </ActionIcon>
        </div>
        <div className={classes.searchRow}>
          <SearchButton onSearch={onSearch} />
        </div>
        <Navigation isNarrow={isNarrow} />
        <div className={classes.foot}>
          {account}
          <ViewerTheme />
        </div>
      </div>
    </header>
  );
}

function PhoneTop({ account, onSearch }: BarProps) {
  return (
    <header className={classes.top} data-narrow>
      <Brand />
      <SearchButton onSearch={onSearch} />
      <ViewerTheme />
      {account}
    </header>
  );
}

function Brand() {
  return (
    <Link to="/" className={classes.brand} aria-label="Tacho, Overview">
      <Logo />
      <span className={classes.brandName}>Tacho</span>
    </Link>
  );
}

function SearchButton({ onSearch }: { onSearch: () => void }) {
  return (
    <button type="button" className={classes.search} onClick={onSearch} title="Search or jump to">
      <Icon name="search" size={14} />
      <span className={classes.searchWord}>Search or jump to</span>
      <span className={classes.searchKey} aria-hidden="true">
        {PALETTE_KEYS}
      </span>
    </button>
  );
}

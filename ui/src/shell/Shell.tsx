import { ActionIcon, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { signOut } from "../api/requests.ts";
import { usePermission, useSession } from "../session/session.ts";
import { Icon, type IconName } from "../widgets/Icon.tsx";
import { Logo } from "../widgets/Logo.tsx";
import { HelpSheet } from "./HelpSheet.tsx";
import { OfflineBanner } from "./OfflineBanner.tsx";
import classes from "./Shell.module.css";
import { ShortcutProvider, useShortcuts } from "./shortcuts.tsx";
import { ThemeToggle, useThemeCycle } from "./ThemeToggle.tsx";
import { useWall } from "./wall.ts";

interface Destination {
  to: "/" | "/system" | "/settings";
  label: string;
  icon: IconName;
}

function useDestinations(): Destination[] {
  const seesSystem = usePermission("see_system");
  return [
    { to: "/", label: "Overview", icon: "overview" },
    ...(seesSystem ? [{ to: "/system", label: "System", icon: "system" } as const] : []),
    { to: "/settings", label: "Settings", icon: "settings" },
  ];
}

export function Shell() {
  return (
    <ShortcutProvider>
      <Frame />
    </ShortcutProvider>
  );
}

function Frame() {
  const [helpOpened, setHelpOpened] = useState(false);
  const navigate = useNavigate();
  const destinations = useDestinations();
  const { cycle } = useThemeCycle();
  const { wall, toggleWall } = useWall();
  const pathname = useRouterState({ select: (state) => state.location.pathname });

  useShortcuts([
    { keys: "g o", label: "Overview", group: "Go to", run: () => void navigate({ to: "/" }) },
    ...(destinations.some(({ to }) => to === "/system")
      ? [{ keys: "g y", label: "System", group: "Go to" as const, run: () => void navigate({ to: "/system" }) }]
      : []),
    { keys: "g s", label: "Settings", group: "Go to", run: () => void navigate({ to: "/settings" }) },
    { keys: "?", label: "This help", group: "General", run: () => setHelpOpened(true) },
    { keys: "d", label: "Next theme: system, light, dark", group: "General", run: cycle },
    { keys: "w", label: "Wall screen on or off", group: "General", run: toggleWall },
  ]);

  return (
    <div className={classes.frame} data-wall={wall || undefined}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      {!wall && (
        <header className={classes.side}>
          <div className={classes.rail}>
            <Link to="/" className={classes.brand} aria-label="Tacho, Overview">
              <Logo />
              <span className={classes.brandName}>Tacho</span>
            </Link>
            <nav aria-label="Pages" className={classes.nav}>
              {destinations.map(({ to, label, icon }) => (
                <Link
                  key={to}
                  to={to}
                  className={classes.navLink}
                  activeOptions={{ exact: to === "/", includeSearch: false }}
                  data-active={pathname === to || (to === "/" && pathname.startsWith("/executions/")) || undefined}
                >
                  <Icon name={icon} />
                  <span>{label}</span>
                </Link>
              ))}
            </nav>
            <div className={classes.foot}>
              <Account onHelp={() => setHelpOpened(true)} onWall={toggleWall} />
              <ThemeToggle />
            </div>
          </div>
        </header>
      )}
      <div className={classes.content}>
        <OfflineBanner />
        <main id="main" tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      {wall && (
        <Tooltip label="Leave wall screen (w)">
          <ActionIcon
            className={classes.leaveWall}
            variant="default"
            aria-label="Leave wall screen"
            onClick={toggleWall}
          >
            <Icon name="screen" />
          </ActionIcon>
        </Tooltip>
      )}
      <HelpSheet opened={helpOpened} onClose={() => setHelpOpened(false)} />
      <RouteAnnouncer pathname={pathname} />
    </div>
  );
}

function Account({ onHelp, onWall }: { onHelp: () => void; onWall: () => void }) {
  const { user, organization } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: "/sign-in", search: {} });
      client.clear();
    },
  });
  const name = user.name || user.email;
  return (
    <Menu width={260} position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <span className={classes.avatar} aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.accountText}>
            <span className={classes.organization}>{organization.name}</span>{" "}
            <span className={classes.userName}>{name}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.email} · {user.role}
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="keyboard" />} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="screen" />} onClick={onWall}>
          Wall screen
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="exit" />} onClick={() => leave.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A page change moves no focus by itself in a browser application: it is said, and focus goes to the content. */
function RouteAnnouncer({ pathname }: { pathname: string }) {
  const [said, setSaid] = useState("");
  const [first, setFirst] = useState(pathname);
  useEffect(() => {
    if (pathname === first) return;
    setFirst("");
    document.getElementById("main")?.focus({ preventScroll: true });
    const timer = setTimeout(() => setSaid(document.title), 100);
    return () => clearTimeout(timer);
  }, [pathname, first]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {said}
    </div>
  );
}

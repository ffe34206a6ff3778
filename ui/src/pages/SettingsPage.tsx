import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useSession } from "../session/session.ts";
import { useTitle } from "../widgets/title.ts";
import classes from "./SettingsPage.module.css";
import { sectionAt, useSections } from "./settings.ts";

/** The settings that the viewer may see, each at an address of its own. */
export function SettingsPage() {
  const { organization } = useSession();
  const sections = useSections();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const current = sectionAt(pathname);
  useTitle(current ? `${current.label} · Settings` : "Settings");
  return (
    <div className={classes.page}>
      <div>
        <h1>Settings</h1>
        <p className={classes.scope}>{organization.name}</p>
      </div>
      <div className={classes.split}>
        <nav aria-label="Settings" className={classes.sections}>
          {sections.map(({ to, label }) => (
            <Link
              key={to}
              to={to}
              className={classes.section}
              activeOptions={{ exact: true, includeSearch: false }}
              aria-current={current?.to === to ? "page" : undefined}
              data-active={current?.to === to || undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div className={classes.content}>
          <Outlet />
        </div>
      </div>
    </div>
  );
}

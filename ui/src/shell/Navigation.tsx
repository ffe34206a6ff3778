import { Menu } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import { Icon } from "../widgets/Icon.tsx";
import { tip } from "../widgets/tip.ts";
import { type Destination, isAt, useDestinations } from "./destinations.ts";
import classes from "./Navigation.module.css";

/** How many pages a phone shows at the thumb; the others are under "More". */
const AT_THUMB = 4;

/** All pages, in calm groups. Links keep the time range: the router retains it. */
export function Navigation({ isNarrow }: { isNarrow: boolean }) {
  const groups = useDestinations();
  return (
    <nav aria-label="Pages" className={classes.nav}>
      {groups.map((group) => (
        <div key={group[0]?.to} className={classes.group}>
          {group.map((destination) => (
            <NavLink key={destination.to} destination={destination} isNarrow={isNarrow} />
          ))}
        </div>
      ))}
    </nav>
  );
}

/** The pages on a phone: the most used at the bottom, within the thumb's reach. */
export function PhoneNavigation() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const all = useDestinations().flat();
  const [near, more] = [all.slice(0, AT_THUMB), all.slice(AT_THUMB)];
  const current = more.find((destination) => isAt(destination, pathname));
  return (
    <nav aria-label="Pages" className={classes.thumb}>
      {near.map((destination) => (
        <NavLink key={destination.to} destination={destination} />
      ))}
      <Menu position="top-end" width={220} withinPortal={false}>
        <Menu.Target>
          <button type="button" className={classes.link} data-active={current ? true : undefined}>
            <Icon name="dots" />
            <span>More</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {more.map(({ to, label, icon }) => (
            <Menu.Item
              key={to}
              component={Link}
              to={to}
              aria-current={current?.to === to ? "page" : undefined}
              leftSection={<Icon name={icon} />}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

function NavLink({ destination, isNarrow = false }: { destination: Destination; isNarrow?: boolean }) {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const { to, label, icon } = destination;
  const isActive = isAt(destination, pathname);
  return (
    <Link
      {...tip(isNarrow && label, { place: "right" })}
      to={to}
      className={classes.link}
      activeOptions={{ exact: true, includeSearch: false }}
      aria-current={isActive ? "page" : undefined}
      data-active={isActive || undefined}
    >
      <Icon name={icon} />
      <span>{label}</span>
    </Link>
  );
}

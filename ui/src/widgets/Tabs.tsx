import { Link, type LinkProps } from "@tanstack/react-router";
import classes from "./Tabs.module.css";

interface Tab {
  key: string;
  label: string;
  link: Pick<LinkProps, "to" | "search">;
  isCurrent: boolean;
}

/** A choice of views, each a link. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map(({ key, label: word, link, isCurrent }) => (
        <Link
          key={key}
          {...link}
          resetScroll={false}
          className={classes.tab}
          activeOptions={{ exact: true, explicitUndefined: true }}
          aria-current={isCurrent ? "true" : undefined}
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}

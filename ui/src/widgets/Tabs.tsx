import { Link, type LinkProps } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import classes from "./Tabs.module.css";

interface Tab {
  key: string;
  label: string;
  link: Pick<LinkProps, "to" | "search">;
  isCurrent: boolean;
}

/** A choice of views, each a link. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  const bar = useRef<HTMLElement>(null);
  const current = tabs.find(({ isCurrent }) => isCurrent)?.key;
  // Where the tabs scroll, the current one is in view. An observer is told when the page has been laid out; to measure at once
  // would have it laid out for that.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked for anew when another tab is current
  useEffect(() => {
    const element = bar.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const tab = element.querySelector<HTMLElement>("[aria-current]");
      if (tab) element.scrollLeft = tab.offsetLeft - (element.clientWidth - tab.offsetWidth) / 2;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [current]);
  return (
    <nav ref={bar} aria-label={label} className={classes.tabs}>
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

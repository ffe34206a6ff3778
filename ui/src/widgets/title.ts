import { useEffect, useMemo, useRef } from "react";

const SUFFIX = " · Tacho";

export function useTitle(page: string): void {
  useEffect(() => {
    document.title = `${page}${SUFFIX}`;
  }, [page]);
}

/**
 * Tells the title that a page gives itself, and each later one: for most pages it comes with their data. Until a page has
 * set its own, the title is still that of the page before.
 */
export function useTitleOf(pathname: string, onTitle: (page: string) => void): void {
  // Read while rendering, which is before any effect of the new page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  const before = useMemo(() => document.title, [pathname]);
  const tell = useRef(onTitle);
  tell.current = onTitle;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    let told = before;
    const look = () => {
      if (document.title === told || !document.title.endsWith(SUFFIX)) return;
      told = document.title;
      tell.current(told.slice(0, -SUFFIX.length));
    };
    look();
    const observer = new MutationObserver(look);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [before, pathname]);
}

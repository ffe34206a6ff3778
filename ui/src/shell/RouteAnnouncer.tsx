import { useEffect, useRef, useState } from "react";
import { useTitleOf } from "../widgets/title.ts";

/** A page change moves no focus by itself in a browser application: focus goes to the content, and the page is said. */
export function RouteAnnouncer({ pathname }: { pathname: string }) {
  const [said, setSaid] = useState("");
  const first = useRef(pathname);
  useEffect(() => {
    if (pathname === first.current) return;
    first.current = "";
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [pathname]);
  useTitleOf(pathname, (page) => {
    // The browser says the first page by itself.
    if (pathname !== first.current) setSaid(page);
  });
  return (
    <div className="visually-hidden" aria-live="polite">
      {said}
    </div>
  );
}

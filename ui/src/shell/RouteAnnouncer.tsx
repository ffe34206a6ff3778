import { useEffect, useState } from "react";

/** A page change moves no focus by itself in a browser application: it is said, and focus goes to the content. */
export function RouteAnnouncer({ pathname }: { pathname: string }) {
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

import { useCallback, useState } from "react";
import { flushSync } from "react-dom";

/**
 * How wide an element is. Its chart is drawn anew before the browser shows the element at another width: a chart that
 * follows a frame later is seen, and photographed, at the width of before.
 */
export function useWidth() {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && flushSync(() => setWidth(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { offsetOf, type RowWindow, rowWindow } from "./rowWindow.ts";

/** What a row is taken to be high before one has been drawn. */
const ASSUMED_ROW_PX = 37;
/** How far beyond the view rows are drawn, so that scrolling meets no empty ground. */
const MARGIN_PX = 500;

interface Heights {
  known: Float64Array;
  all: Float64Array;
}

function emptyHeights(count: number): Heights {
  return { known: new Float64Array(count), all: new Float64Array(count).fill(ASSUMED_ROW_PX) };
}

/** Takes over the heights of the drawn rows; whether any was news. Rows not yet drawn count as the mean of those that were. */
function measure(body: HTMLElement, heights: Heights): boolean {
  let isNew = false;
  for (const row of body.querySelectorAll<HTMLElement>(":scope > [data-index]")) {
    const index = Number(row.dataset.index);
    const height = row.offsetHeight;
    if (height === 0 || index >= heights.known.length || heights.known[index] === height) continue;
    heights.known[index] = height;
    isNew = true;
  }
  if (!isNew) return false;
  const drawn = heights.known.filter((height) => height > 0);
  const mean = drawn.reduce((sum, height) => sum + height, 0) / drawn.length;
  heights.known.forEach((height, index) => {
    heights.all[index] = height > 0 ? height : mean;
  });
  return true;
}

/**
 * Draws only the rows near the view while the page scrolls. Rows may differ in height: each is measured when it is drawn.
 * Null where all are drawn.
 */
export function useRowWindow(body: RefObject<HTMLElement | null>, count: number, isOn: boolean) {
  const heights = useRef<Heights>(emptyHeights(0));
  if (isOn && heights.current.known.length !== count) heights.current = emptyHeights(count);
  const [drawn, setDrawn] = useState<RowWindow>(() => rowWindow(heights.current.all, 0, window.innerHeight));

  const look = useCallback(() => {
    if (!body.current) return;
    const top = -body.current.getBoundingClientRect().top;
    const next = rowWindow(heights.current.all, top - MARGIN_PX, top + window.innerHeight + MARGIN_PX);
    setDrawn((now) => ((Object.keys(next) as (keyof RowWindow)[]).every((key) => now[key] === next[key]) ? now : next));
  }, [body]);

  useEffect(() => {
    if (!isOn) return;
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(look);
    };
    const anew = () => {
      heights.current = emptyHeights(heights.current.known.length);
      soon();
    };
    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", anew);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", soon);
      window.removeEventListener("resize", anew);
    };
  }, [isOn, look]);

  useLayoutEffect(() => {
    if (!isOn || !body.current) return;
    measure(body.current, heights.current);
    look();
  });

  /** Scrolls so that a row is drawn and seen. */
  const reveal = useCallback(
    (index: number) => {
      if (!body.current) return;
      const top = body.current.getBoundingClientRect().top + offsetOf(heights.current.all, index);
      if (top < 0 || top > window.innerHeight - ASSUMED_ROW_PX * 2) {
        window.scrollBy({ top: top - window.innerHeight / 2, behavior: "instant" });
      }
      look();
    },
    [body, look],
  );

  /** The first row that is in view. */
  const firstSeen = useCallback(() => {
    const top = -(body.current?.getBoundingClientRect().top ?? 0);
    let [index, offset] = [0, 0];
    while (index < heights.current.all.length - 1 && offset < top) {
      offset += heights.current.all[index] ?? 0;
      index += 1;
    }
    return index;
  }, [body]);

  return { drawn: isOn ? drawn : null, reveal, firstSeen };
}

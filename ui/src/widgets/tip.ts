/** Where the words of a tip stand beside their element. */
export type TipPlace = "top" | "right" | "bottom" | "top-start";

interface Options {
  place?: TipPlace;
  /** A finger brings it up, too: what it says is said nowhere else. */
  touch?: boolean;
}

/**
 * What an element needs to have words shown beside it when somebody points at it or comes to it by keyboard: `<time
 * {...tip("exactly then")}>`. One layer shows the tips of all elements (`TipLayer.tsx`); a page has hundreds of them, and a
 * component around each would take longer to draw than the page.
 */
export function tip(label: string | null | undefined | false, { place, touch }: Options = {}): Record<string, string> {
  if (!label) return {};
  return {
    "data-tip": label,
    ...(place ? { "data-tip-place": place } : {}),
    ...(touch ? { "data-tip-touch": "" } : {}),
  };
}

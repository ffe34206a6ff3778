/** The way to the rows behind a figure. Pure. */
import type { LinkProps } from "@tanstack/react-router";
import type { Where } from "../../view/view.ts";

/** The executions of the page's rows, narrowed further, in its range or another, newest first or not. */
export function explorerLink(
  where: Where | undefined,
  narrowed: Where = {},
  more: { from?: string; to?: string; order?: string } = {},
): LinkProps {
  const all = { ...where, ...narrowed };
  return {
    to: "/executions",
    // What is `undefined` is kept from the page: its period, zone and comparison.
    search: { where: Object.keys(all).length > 0 ? all : undefined, ...more } as never,
  };
}

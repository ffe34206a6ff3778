import type { ReactNode } from "react";
import type { Where } from "./view.ts";

interface Props {
  /** The range that the answers on the page cover, once there are any. */
  shown: { from: string; to: string } | null;
  where?: Where;
  onWhere?: (where: Where | undefined) => void;
  nameOf?: (field: string, value: string) => string | undefined;
  controls?: ReactNode;
}

/** Time range, zone, comparison and filters: all of it in the URL, so that every view is a link. */
export function ViewBar({ controls }: Props) {
  return <div>{controls}</div>;
}

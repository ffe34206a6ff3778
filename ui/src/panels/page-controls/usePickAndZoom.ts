import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useView } from "../../view/useView.ts";
import type { View, Where } from "../../view/view.ts";
import { explorerLink } from "./explorer.ts";

interface PickAndZoom {
  onPick: (from: string, to: string) => void;
  onZoom: (from: string, to: string) => void;
  onZoomBack: () => void;
}

/** What a chart over time does on every page: a point leads to its rows, dragging zooms, a double click goes back. */
export function usePickAndZoom(where: Where | undefined, narrowed?: Where): PickAndZoom {
  const { view, change } = useView();
  const navigate = useNavigate();
  /** The ranges that were zoomed out of, last first. */
  const before = useRef<View[]>([]);
  return {
    onPick: (from, to) => void navigate(explorerLink(where, narrowed, { from, to })),
    onZoom: (from, to) => {
      const { period, last } = view;
      before.current.push({ from: view.from, to: view.to, period, last });
      // A finer look is what zooming is for: a granularity chosen for the longer range no longer fits.
      change({ from, to, granularity: undefined } as View);
    },
    onZoomBack: () => {
      const range = before.current.pop();
      if (range) change(range);
    },
  };
}

import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { Part } from "../../view/useAnswers.ts";
import { TimePanel } from "../page-controls/TimePanel.tsx";
import { OVERLAY_WORD, OVERLAYS, type Overlay, shapeTrend } from "./data.ts";

interface Props {
  part: Part | undefined;
  overlay: Overlay;
  onOverlay: (overlay: Overlay | undefined) => void;
  onPick: (from: string, to: string) => void;
  onZoom: (from: string, to: string) => void;
  onZoomBack: () => void;
  onRetry: () => void;
  actions?: ReactNode;
}

export function TrendPanel({ overlay, onOverlay, actions, ...rest }: Props) {
  return (
    <TimePanel
      {...rest}
      what="the trend"
      shape={shapeTrend}
      actions={
        <>
          {actions}
          <Select
            size="xs"
            w="11.5rem"
            aria-label="Overlay"
            allowDeselect={false}
            data={OVERLAYS.map((value) => ({ value, label: OVERLAY_WORD[value] }))}
            value={overlay}
            onChange={(value) => onOverlay(OVERLAYS.find((each) => each === value && each !== "none"))}
          />
        </>
      }
    />
  );
}

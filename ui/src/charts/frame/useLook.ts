import { useReducedMotion } from "@mantine/hooks";
import { useMemo } from "react";
import { useWall } from "../../shell/wall.ts";
import { useTokens } from "../../theme/useTokens.ts";
import type { Look } from "./look.ts";
import { useWidth } from "./useWidth.ts";

const WALL_SCALE = 1.5;

/** How a chart looks where it stands: its room, the theme, the size of type, and whether it may move. */
export function useLook(baseHeight: number) {
  const { ref, width } = useWidth();
  const tokens = useTokens();
  const isStill = useReducedMotion(false, { getInitialValueInEffect: false }) ?? false;
  const { wall } = useWall();
  const scale = wall ? WALL_SCALE : 1;
  const look = useMemo<Look>(
    () => ({ tokens, width, height: baseHeight * scale, scale, isStill }),
    [tokens, width, baseHeight, scale, isStill],
  );
  return { ref, look };
}

import { TOKENS } from "../../theme/tokens.ts";
import type { Look } from "../frame/look.ts";

/** A light look without motion, for tests. */
export function lookOf(width = 600, height = 260): Look {
  return { tokens: TOKENS.light, width, height, scale: 1, isStill: true };
}

import { useComputedColorScheme } from "@mantine/core";
import { TOKENS, type Tokens } from "./tokens.ts";

/** The colours of the theme that is shown, for canvases. */
export function useTokens(): Tokens {
  return TOKENS[useComputedColorScheme("light", { getInitialValueInEffect: false })];
}

import { useComputedColorScheme } from "@mantine/core";
import { TOKENS, type Tokens } from "../../theme/tokens.ts";

/** The colours of the theme that is shown. */
export function useTokens(): Tokens {
  return TOKENS[useComputedColorScheme("light", { getInitialValueInEffect: false })];
}

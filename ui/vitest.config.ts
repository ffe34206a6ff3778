import { defineConfig } from "vitest/config";
import { LIVE } from "./build/live-client.ts";

export default defineConfig({
  resolve: { alias: LIVE.alias },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "mock/**/*.test.ts"],
    css: false,
    // A whole page in jsdom takes seconds on a busy machine of two cores.
    testTimeout: 30_000,
  },
});

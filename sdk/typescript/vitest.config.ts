import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/server.ts"],
    // Node has it from 22 on.
    execArgv: typeof WebSocket === "undefined" ? ["--experimental-websocket"] : [],
    // Each waits for a real server on a busy machine of two cores.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

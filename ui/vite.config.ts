import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { chunkOf } from "./build/chunks.ts";
import { gzipAssets } from "./build/gzip-assets.ts";
import { LIVE } from "./build/live-client.ts";
import { mockApi } from "./build/mock-api.ts";

// The host stays the browser's own: the server refuses changes that come from a page of another site.
const API = { target: process.env.TACHO_URL ?? "http://127.0.0.1:8080", changeOrigin: false };

export default defineConfig(({ mode }) => ({
  plugins: [react(), gzipAssets(), mode === "mock" ? mockApi() : null],
  resolve: { alias: LIVE.alias },
  server: {
    fs: { allow: [".", LIVE.folder] },
    ...(mode === "mock"
      ? {}
      : { proxy: { "/api": API, "/healthz": API, "/readyz": API, "/ws": { ...API, ws: true } } }),
  },
  build: {
    target: "es2022",
    manifest: true,
    // The server sends a strict content security policy: nothing may be inlined as data: but fonts and images.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      // Charts alone, without the application: what `npm run gallery` measures.
      ...(mode === "gallery" ? { input: "gallery/index.html" } : {}),
      output: {
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: chunkOf(), debugName: "pages" }] },
      },
    },
  },
}));

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { gzipAssets } from "./build/gzip-assets.ts";
import { mockApi } from "./build/mock-api.ts";

// The host stays the browser's own: the server refuses changes that come from a page of another site.
const API = { target: "http://127.0.0.1:8080", changeOrigin: false };

export default defineConfig(({ mode }) => ({
  plugins: [react(), gzipAssets(), mode === "mock" ? mockApi() : null],
  server: mode === "mock" ? {} : { proxy: { "/api": API, "/healthz": API, "/readyz": API } },
  build: {
    target: "es2022",
    manifest: true,
    // The server sends a strict content security policy: nothing may be inlined as data: but fonts and images.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
}));

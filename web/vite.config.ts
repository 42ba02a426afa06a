// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.ENTREPOT_URL ?? "http://127.0.0.1:5000";

export default defineConfig({
  // Assets are found relative to <base>, so that the console can be served under any prefix.
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    chunkSizeWarningLimit: 700,
    outDir: process.env.CONSOLE_OUT ?? "../src/entrepot/_ui",
    emptyOutDir: true,
    target: "es2022",
    // Inlined data: URLs would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The host stays the browser's: the server compares it with where a request says that it came from.
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"], setupFiles: ["tests/setup.ts"] },
});

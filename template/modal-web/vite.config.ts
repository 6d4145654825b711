import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: { "/api": "http://127.0.0.1:8000" },
  },
  build: {
    // The page's Content-Security-Policy allows no data: address and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true,
    coverage: {
      provider: "v8",
      reporter: ["text", "json-summary"],
      reportOnFailure: true,
      include: ["src/app/**/*.{ts,tsx}"],
      exclude: ["**/*.gen.ts", "**/*.test.{ts,tsx}"],
    },
    projects: [
      {
        extends: true,
        // The tests tidy up behind themselves, and so need no new browser for each file.
        test: { name: "unit", include: ["src/app/**/*.test.{ts,tsx}"], isolate: false },
      },
      { extends: true, test: { name: "contract", include: ["src/contract/**/*.test.{ts,tsx}"] } },
    ],
  },
});

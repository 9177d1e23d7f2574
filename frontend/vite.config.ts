import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

// Where `make site-dev` finds the API of the local stack.
const api = process.env["SITE_DEV_API"];

export default defineConfig({
  resolve: {
    alias: {
      // Its package names the development build for everybody who bundles modules.
      "react-router": fileURLToPath(
        new URL("node_modules/react-router/dist/production/index.mjs", import.meta.url),
      ),
    },
  },
  plugins: [
    react(),
    VitePWA({
      // src/app/serviceWorker.ts registers it: the policy forbids the plugin's inline script.
      injectRegister: null,
      registerType: "prompt",
      manifest: {
        id: "/",
        name: "Customer platform",
        short_name: "Feedback",
        description: "Say what you think, and see what others say.",
        lang: "en",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#f7f5f2",
        theme_color: "#12575b",
        icons: [
          { src: "/icons/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icons/icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          {
            src: "/icons/maskable-512.png",
            sizes: "512x512",
            type: "image/png",
            purpose: "maskable",
          },
        ],
        shortcuts: [
          { name: "Give feedback", url: "/" },
          { name: "Dashboard", url: "/dashboard" },
          { name: "Tasks", url: "/tasks" },
          { name: "Contact", url: "/contact" },
        ],
      },
      includeAssets: [],
      workbox: {
        globPatterns: ["index.html", "assets/*.{js,css}", "theme.js", "favicon.svg"],
        // One file: nothing to import that a later release may have removed.
        inlineWorkboxRuntime: true,
        sourcemap: false,
        cleanupOutdatedCaches: true,
        clientsClaim: false,
        skipWaiting: false,
        navigateFallback: "/index.html",
        // Only the app's own addresses: files and the API answer for themselves.
        navigateFallbackDenylist: [/^\/api\//, /\/[^/?]+\.[^/]+$/],
        // No runtime caching: nothing of the API is ever answered from a cache.
      },
    }),
  ],
  build: {
    // The policy allows no fonts or scripts from data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One chunk for what every page needs: many small ones weigh more.
            {
              name: "core",
              test: /node_modules\/(react|react-dom|react-router|scheduler)\/|src\/(main|app\/(App|Layout|PageBoundary|UpdateNotice|icons|lostChunks|services|theme|withServices)|api\/errors|offline\/useOnline|ui\/(Error|errorWords|Field|Page|Skeleton|Toast)|forms\/|api\/(validate|emailAddress|limits\/Feedback)|feedback\/(FeedbackForm|StarRating))|rolldown\/runtime|preload-helper/,
            },
            {
              name: "services",
              test: /node_modules\/(@tanstack|idb|openapi-fetch)\/|src\/(api\/(client|answers|ApiContext|polling)|offline\/(outbox|OutboxContext|sending|store)|app\/(config|createServices|Providers|queryClient)|ui\/(index|Dialog|EmptyState|When|useChoice|useDrawn|useNow))/,
            },
          ],
        },
      },
    },
  },
  server: {
    ...(api === undefined
      ? {}
      : {
          proxy: {
            "/api": {
              target: api,
              changeOrigin: true,
              rewrite: (path: string) => path.replace(/^\/api/, ""),
            },
          },
        }),
  },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "https://site.example/" } },
    setupFiles: ["src/test/setup.ts"],
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/**/*.test.{ts,tsx}", "src/test/**", "src/api/schema.ts", "src/main.tsx"],
      reporter: ["text", "json-summary"],
    },
  },
});

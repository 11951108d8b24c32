import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** `rules` runs inside workerd, since that is where the rules will run; everything else drives workerd from outside. */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "../wrangler.toml" } })],
        test: {
          name: "rules",
          root: import.meta.dirname,
          include: ["rules/**/*.test.ts"],
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "server",
          root: import.meta.dirname,
          include: ["*.test.ts", "{store,endpoints,interop,worker}/**/*.test.ts"],
          globalSetup: "support/global-setup.ts",
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 3,
          // Loading wrangler takes seconds; files share it, and nothing else: each starts servers of its own.
          isolate: false,
        },
      },
    ],
  },
});

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Tests that drive workerd from outside, against real Postgres. */
const outside = (name: string, include: string[], groupOrder: number, globalSetup: string[] = []) => ({
  // The examples import the package by its name. Here that is its source, which needs no build.
  ssr: { resolve: { conditions: ["gatehouse-source", "node"] } },
  test: {
    name,
    include,
    root: import.meta.dirname,
    globalSetup: ["support/global-setup.ts", ...globalSetup],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Some files mostly wait, so there are more of them at once than cores.
    maxWorkers: 4,
    // A young generation that holds what a test makes is collected less often.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=32"],
    sequence: { groupOrder },
    // Loading wrangler takes seconds, and so does starting workerd. Files share the modules and one after another the
    // Workers. Database, Redis and environment are each file's own.
    isolate: false,
  },
});

/**
 * A folder or a few of them are a project, and a project is a command of package.json. `rules` runs inside workerd, since
 * that is where the rules will run. `browser` needs Debian's chromium.
 */
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
          // At the same time as `server`, whose longest files wait.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      outside("server", ["*.test.ts", "{store,endpoints}/**/*.test.ts"], 1),
      outside("operations", ["{commands,worker,doctor}/**/*.test.ts"], 2),
      outside("package", ["{resource-server,package}/**/*.test.ts"], 3, ["support/pack-setup.ts"]),
      outside("races", ["races/**/*.test.ts"], 4),
      outside("random", ["random/**/*.test.ts"], 5),
      outside("growth", ["growth/**/*.test.ts"], 6),
      outside("interop", ["interop/**/*.test.ts"], 7),
      outside("browser", ["browser/**/*.test.ts"], 8),
    ],
  },
});

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** More than the two cores that the tests are made for, since some files mostly wait. */
const WORKERS = 4;

type Settings = { readonly globalSetup?: readonly string[]; readonly connections?: number };

/** Tests that drive workerd from outside, against real Postgres. */
const outside = (
  name: string,
  include: string[],
  groupOrder: number,
  // A connection costs Postgres as much as many statements do.
  { globalSetup = [], connections = 16 }: Settings = {},
) => ({
  // The examples import the package by its name. Here that is its source, which needs no build.
  ssr: { resolve: { conditions: ["gatehouse-source", "node"] } },
  test: {
    name,
    include,
    root: import.meta.dirname,
    globalSetup: ["support/global-setup.ts", ...globalSetup],
    provide: { connections },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: WORKERS,
    // A young generation that holds what a test makes is collected less often.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=32"],
    sequence: { groupOrder },
    // Starting workerd costs more than most tests. Files share the modules and one after another the Workers. Database,
    // Redis and environment are each file's own.
    isolate: false,
  },
});

/**
 * A project is one folder or a few. Each has a command of package.json, and `npm test` runs two of them. `rules` runs inside
 * workerd, since that is where the rules will run. `browser` needs Debian's chromium.
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
          // At the same time as `server`, whose longest files wait. Vitest wants the same number of workers then.
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      outside("server", ["*.test.ts", "{store,endpoints}/**/*.test.ts"], 1),
      outside("operations", ["{commands,worker,doctor}/**/*.test.ts"], 2),
      outside("package", ["{resource-server,package}/**/*.test.ts"], 3, { globalSetup: ["support/pack-setup.ts"] }),
      outside("races", ["races/**/*.test.ts"], 4, { connections: 60 }),
      outside("random", ["random/**/*.test.ts"], 5),
      outside("growth", ["growth/**/*.test.ts"], 6),
      outside("interop", ["interop/**/*.test.ts"], 7),
      outside("browser", ["browser/**/*.test.ts"], 8),
    ],
  },
});

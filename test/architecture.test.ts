import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const MAX_LINES = 250;

type SourceFile = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

const readSources = (folder: string): readonly SourceFile[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const text = readFileSync(absolute, "utf8");
      const imports = [...text.matchAll(/(?:from|import) "([^"]+)"/g)].map(([, specifier = ""]) =>
        specifier.startsWith(".") ? relative(root, resolve(dirname(absolute), specifier)) : specifier,
      );
      return { path: relative(root, absolute), text, imports };
    });

const files = readSources("src");
const tests = readSources("test");

/** The folder of `src/` that a file is in, or its own name if it stands there alone. */
const floorOf = (path: string): string => path.split("/")[1] ?? "";

/** The floors that each floor may stand on. `oauth` and `store` never meet: rules take plain values, never rows. */
const STANDS_ON: Readonly<Record<string, readonly string[]>> = {
  lib: ["lib"],
  oauth: ["oauth", "lib"],
  store: ["store", "lib"],
  "config.ts": ["lib"],
  "deps.ts": ["config.ts", "store", "lib"],
  flows: ["flows", "deps.ts", "oauth", "store", "lib"],
  routes: ["routes", "flows", "config.ts", "deps.ts", "oauth", "store", "lib"],
  "app.ts": ["routes", "flows", "deps.ts", "oauth", "lib"],
  "issuer.ts": ["flows", "config.ts", "deps.ts", "lib"],
  "server.ts": ["app.ts", "issuer.ts", "routes", "flows", "config.ts", "deps.ts", "lib"],
  "worker.ts": ["server.ts", "config.ts"],
  "resource-server": ["resource-server"],
  doctor: ["doctor", "lib"],
  cli: ["cli", "doctor", "flows", "store", "lib", "config.ts"],
  testing: ["testing", "dev", "cli", "flows", "oauth", "store", "lib"],
  dev: ["dev", "cli", "flows", "store", "lib", "config.ts", "worker.ts"],
};

/** The floors that are deployed. */
const isDeployed = ({ path }: SourceFile) =>
  !["cli", "dev", "doctor", "testing"].includes(floorOf(path)) && path !== "src/store/migrations.ts";

describe("architecture", () => {
  test.each(files)("$path imports nothing from a higher floor", ({ path, imports }) => {
    const allowed = STANDS_ON[floorOf(path)];
    expect(allowed, `${floorOf(path)} is no floor of the house`).toBeDefined();
    const above = imports.filter((target) => target.startsWith("src/") && !allowed?.includes(floorOf(target)));
    expect(above).toEqual([]);
  });

  test("only store/ contains SQL and Redis keys", () => {
    const clients = /^(drizzle-orm|@neondatabase|@upstash)(\/|$)/;
    const outside = files.filter(
      ({ path, imports }) =>
        !["store", "resource-server"].includes(floorOf(path)) &&
        imports.some((name) => clients.test(name) && name !== "drizzle-orm/migrator"),
    );
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  test("schemas are imported from lib/schema.ts, because the whole of zod would double its share of the Worker", () => {
    const outside = files.filter(
      ({ path, imports }) =>
        floorOf(path) !== "resource-server" &&
        path !== "src/lib/schema.ts" &&
        imports.some((name) => /^zod\b/.test(name)),
    );
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  test("only config.ts reads the environment", () => {
    const reads = /process\.env|\bc\.env\b|\benv\.[A-Z]|\benv\[/;
    const readers = files.filter(
      (file) =>
        isDeployed(file) && !["resource-server", "config.ts"].includes(floorOf(file.path)) && reads.test(file.text),
    );
    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test("the Worker uses only those modules of Node that workerd has natively", () => {
    const used = files.filter(isDeployed).flatMap(({ imports }) => imports.filter((name) => name.startsWith("node:")));
    expect([...new Set(used)].filter((name) => !["node:crypto", "node:net", "node:util"].includes(name))).toEqual([]);
  });

  test("an account page or the dashboard refuses with a sentence, because no app reads an OAuth error there", () => {
    const pages = files.filter(({ path }) => /^src\/routes\/(account|admin)\//.test(path));
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter(({ imports }) => imports.includes("src/oauth/errors.ts")).map(({ path }) => path)).toEqual([]);
  });

  test("every form is made by Form, so that none lacks a CSRF token", () => {
    const writes = files
      .filter(({ path, text }) => floorOf(path) === "routes" && /<form\b/.test(text))
      .map(({ path }) => path);
    // The toolbar of a list only asks for another part of it.
    expect(writes).toEqual(["src/routes/pages/form.tsx", "src/routes/pages/toolbar.tsx"]);
  });

  test("rules are pure functions, without a clock and without I/O", () => {
    const impure = /\bfetch\(|Date\.now|new Date\(\)|console\./;
    const rules = files.filter(({ path }) => floorOf(path) === "oauth");
    expect(rules.filter(({ text }) => impure.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    // A line break ends the last line, too.
    const long = [...files, ...tests].filter(({ text }) => text.trimEnd().split("\n").length > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test("file names are in kebab-case, and say what the file is and not what it might become", () => {
    const bad = files.filter(({ path }) => {
      const name = path.split("/").at(-1) ?? "";
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/.test(name) ||
        /^(utils?|helpers?|common|.*service|.*manager)\./.test(name)
      );
    });
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  test.each(tests)("$path imports no test, and support imports only support", ({ path, imports }) => {
    const isSupport = (file: string) => file.startsWith("test/support/");
    const ours = imports.filter((target) => target.startsWith("test/"));
    const wrong = ours.filter((target) => target.endsWith(".test.ts") || (isSupport(path) && !isSupport(target)));
    expect(wrong).toEqual([]);
  });
});

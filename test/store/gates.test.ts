import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";
import { readCalledGates } from "../support/called-gates.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const folder = projectFile("src/store/gates");
const manifestFile = join(folder, "manifest.json");
const { owner } = await startGatehouse();

/** The function that a file makes, with its version and a digest of its text without comments. */
async function readGates() {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      const [, name = ""] = /create or replace function (\w+_\d+)\(/.exec(text) ?? [];
      const statements = text.replace(/--.*$/gm, "").replace(/\s+/g, " ");
      return { file, name, text, digest: createHash("sha256").update(statements).digest("hex").slice(0, 16) };
    }),
  );
}

test("Gates: a function that changes gets a new version, because a Worker that still runs calls the old one", async () => {
  const gates = await readGates();
  const digests = Object.fromEntries(gates.map(({ name, digest }) => [name, digest]));
  // A version that was never released may change. `npm run db:manifest` then updates the manifest.
  if (process.env["WRITE_MANIFEST"]) await writeFile(manifestFile, `${JSON.stringify(digests, null, 2)}\n`);
  const manifest = JSON.parse(await readFile(manifestFile, "utf8")) as Record<string, string>;
  expect(digests).toEqual(manifest);
});

test("Gates: each file contains one function, is named after it, and begins with its purpose", async () => {
  for (const { file, name, text } of await readGates()) {
    expect(name.replace(/_\d+$/, ""), file).toBe(file.replace(".sql", "").replaceAll("-", "_"));
    expect(text.startsWith("-- "), file).toBe(true);
    expect(text.match(/create or replace function/g), file).toHaveLength(1);
  }
});

test("Gates: every function that the Worker calls is installed, with settings that keep its plans independent of statistics", async () => {
  const called = await readCalledGates();
  expect(called.length).toBeGreaterThan(10);
  for (const name of called) {
    const [installed] = await owner.db.read<{ settings: string[]; invoker: boolean }>(sql`
      select proconfig as settings, not prosecdef as invoker from pg_proc where proname = ${name}`);
    expect(installed?.invoker, name).toBe(true);
    expect(installed?.settings, name).toEqual([
      "search_path=public, pg_temp",
      "plan_cache_mode=force_generic_plan",
      "jit=off",
      "enable_seqscan=off",
    ]);
  }
});

test("Gates: each helper in SQL is an expression that Postgres inlines, because any other would be planned at each call", async () => {
  const helpers = await owner.db.read<{ name: string; types: string[] }>(sql`
    select proname as name, array(select unnest(p.proargtypes)::regtype::text) as types
    from pg_proc p join pg_language l on l.oid = p.prolang
    where l.lanname = 'sql' and p.pronamespace = 'public'::regnamespace`);
  expect(helpers.length).toBeGreaterThan(0);
  for (const { name, types } of helpers) {
    const columns = types.map((type, n) => `null::${type} as c${n}`).join(", ");
    // Without `offset` Postgres would compute the result during planning.
    const plan = await owner.db.read(
      sql.raw(`explain (verbose) select ${name}(${types.map((_, n) => `c${n}`)}) from (select ${columns} offset 0) x`),
    );
    expect(JSON.stringify(plan), name).not.toContain(name);
  }
});

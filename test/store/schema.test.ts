import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the migrations in drizzle/ produce the schema in src/store/schema/", async () => {
  const root = join(import.meta.dirname, "../..");
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-schema-"));
  await cp(join(root, "drizzle"), folder, { recursive: true });
  const flags = ["--dialect", "postgresql", "--schema", "src/store/schema", "--out", relative(root, folder)];
  const { stdout } = await promisify(execFile)(join(root, "node_modules/.bin/drizzle-kit"), ["generate", ...flags], {
    cwd: root,
  });
  await rm(folder, { recursive: true });
  expect(stdout).toContain("No schema changes");
});

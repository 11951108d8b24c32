import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";

const folder = await mkdtemp(join(tmpdir(), "gatehouse-keys-"));
afterAll(() => rm(folder, { recursive: true }));
const keyFile = join(folder, "kept/keys.json");
const OLD = "an-old-key-kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4";

/** The one double, since no account can be reached: it writes down what it is told, and ends as it is told. */
await writeFile(
  join(folder, "wrangler"),
  `#!/bin/sh\necho "$@" > ${folder}/args\ncat > ${folder}/stdin\nexit $WRANGLER_EXIT\n`,
);
await chmod(join(folder, "wrangler"), 0o755);

async function rotate(env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = [projectFile("src/cli/main.ts"), "keys", "rotate", "--key-file", keyFile];
  const variables = {
    ...process.env,
    PATH: `${folder}:${process.env["PATH"]}`,
    WRANGLER_EXIT: "0",
    SERVER_KEY: "",
    ...env,
  };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { env: variables })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}
const told = async () => JSON.parse(await readFile(join(folder, "stdin"), "utf8"));
const kept = async () => JSON.parse(await readFile(keyFile, "utf8"));

test("P4 SERVER_KEY is rotated by one call with both keys, which stand in no argument and in no output", async () => {
  const unknown = await rotate({});
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("Put the present key into the variable")]);
  const first = await rotate({ SERVER_KEY: OLD });
  expect(first.code).toBe(0);
  const keys = await told();
  expect(keys).toEqual({ SERVER_KEY: expect.stringMatching(/^[\w+/]{43}=$/), SERVER_KEY_PREVIOUS: OLD });
  expect(await kept()).toEqual(keys);
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, "args"), "utf8")).toBe("secret bulk\n");
  for (const key of Object.values(keys)) expect(first.stdout + first.stderr).not.toContain(key);
  // The next one knows the key from the file.
  expect((await rotate({})).code).toBe(0);
  expect(await told()).toMatchObject({ SERVER_KEY_PREVIOUS: keys.SERVER_KEY });
});

test("P4 where wrangler fails, what is kept is what the Worker has", async () => {
  const before = await kept();
  expect((await rotate({ WRANGLER_EXIT: "3" })).code).toBe(1);
  expect(await kept()).toEqual(before);
});

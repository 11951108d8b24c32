import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rotateKeysCommand } from "../../src/cli/keys.ts";
import { createWranglerDouble } from "../support/wrangler-double.ts";

let isCutOff = false;
const wrangler = await createWranglerDouble(() => (isCutOff ? { code: 3, stderr: "fetch failed" } : {}));
afterAll(() => wrangler.stop());
const keyFile = join(wrangler.folder, ".config/gatehouse/production-keys.json");
const OLD = "an-old-key-kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4";

const rotate = (env: Record<string, string> = {}, now = false) => wrangler.run(() => rotateKeysCommand({ now }), env);
const told = () => JSON.parse(wrangler.calls.at(-1)?.stdin ?? "{}");
const kept = async () => JSON.parse(await readFile(keyFile, "utf8"));

test("P4 SERVER_KEY is rotated by one call with both keys, which appear in no argument and no output", async () => {
  const unknown = await rotate();
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("Put the current key into the variable")]);
  const first = await rotate({ SERVER_KEY: OLD });
  expect(first.code).toBe(0);
  const keys = told();
  expect(keys).toEqual({ SERVER_KEY: expect.stringMatching(/^[\w+/]{43}=$/), SERVER_KEY_PREVIOUS: OLD });
  expect(await kept()).toEqual({ ...keys, rotatedAt: expect.any(String) });
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  expect(wrangler.calls.map(({ args }) => args)).toEqual([["secret", "bulk", "--env="]]);
  for (const key of Object.values<string>(keys)) expect(first.stdout + first.stderr).not.toContain(key);
});

test("P4 a second rotation within the hour is refused unless a key has leaked, because it would end open pages", async () => {
  const { SERVER_KEY } = await kept();
  const early = await rotate();
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining("The last rotation was at")]);
  expect(wrangler.calls).toHaveLength(1);
  expect((await rotate({}, true)).code).toBe(0);
  expect(told()).toMatchObject({ SERVER_KEY_PREVIOUS: SERVER_KEY });
});

test("P4 if wrangler is interrupted, both pairs of keys are kept, and the next rotation sends the same pair", async () => {
  const before = await kept();
  isCutOff = true;
  const lost = await rotate({}, true);
  expect([lost.code, lost.stderr]).toEqual([1, expect.stringContaining("It isn't known which keys the Worker has.")]);
  const pair = told();
  for (const key of Object.values<string>(pair)) expect(lost.stderr).not.toContain(key);
  expect(await kept()).toEqual(before);
  isCutOff = false;
  // Whichever pair the Worker has, this one contains its key.
  expect((await rotate()).code).toBe(0);
  expect(told()).toEqual(pair);
  expect(await kept()).toMatchObject(pair);
  expect(await stat(`${keyFile}.pending`).catch(() => "gone")).toBe("gone");
});

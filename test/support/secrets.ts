import { expect } from "vitest";
import type { WorkerLog } from "../../src/dev/miniflare.ts";

/** Fails if a log holds one of these secrets, or anything that has the shape of a token or of a secret of a stand-in. */
export function expectNoSecretsIn(logs: readonly WorkerLog[], secrets: readonly string[]): void {
  const text = logs.map(({ message }) => message).join("\n");
  // Tokens of this server, and JWTs, such as ID tokens and assertions.
  expect(text.match(/gth[a-z]_[\w-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\./g) ?? []).toEqual([]);
  // Secrets of providers on this machine: tokens, and the secrets of their client.
  expect(
    text.match(/gh[or]_\w{16,}|(?:stand-in-client|hostile-secret)-\w+|\b(?:0123456789abcdef){2}\w+/g) ?? [],
  ).toEqual([]);
  // A shorter one was no secret but a code that a test made up.
  for (const secret of secrets.filter(({ length }) => length >= 10)) expect(text).not.toContain(secret);
}

import { sql } from "drizzle-orm";
import { generateKeyPair } from "jose";
import { beforeEach, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, postJson, REDIRECT_URI, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { MAX_UNUSED_CLIENTS: "5" } });
const { issuer, owner } = gatehouse;
const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
const HOUR = 3600;
const settled = () => new Promise((resolve) => setTimeout(resolve, 150));

const metadata = { client_name: "One", redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" };
const register = (more: object = {}) => postJson(`${issuer}/register`, { ...metadata, ...more });
const idOf = async (response: Response) => ((await response.json()) as { client_id: string }).client_id;
const exists = async (id: string) => (await owner.db.read(sql`select from clients where id = ${id}`)).length === 1;
const countUnused = async () =>
  (await owner.db.read<{ count: number }>(sql`select count(*)::int as count from unused_clients`))[0]?.count;

beforeEach(async () => {
  await gatehouse.moveClock(0);
  await owner.db.run(sql`delete from clients where registration = 'dynamic'`);
});

test("R4 keys that a client's method doesn't use aren't stored", async () => {
  const key = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", x5c: ["A".repeat(3000)] };
  const jwks = { keys: Array.from({ length: 19 }, () => key) };
  const response = await register({ jwks });
  expect(response.status).toBe(201);
  const id = await idOf(response);
  const [row] = await owner.db.read<{ jwks: unknown; bytes: number }>(
    sql`select jwks, pg_column_size(c.*)::int as bytes from clients c where id = ${id}`,
  );
  expect(row?.jwks).toBeNull();
  expect(row?.bytes).toBeLessThan(1000);
  // Where keys are of use, everything that is stored together is limited.
  const tooMuch = await register({ jwks, token_endpoint_auth_method: "private_key_jwt" });
  expect(tooMuch.status).toBe(400);
  expect(await tooMuch.json()).toMatchObject({ error: "invalid_client_metadata" });
  const { publicKey } = await generateKeyPair("RS256", { extractable: true });
  const rsa = await crypto.subtle.exportKey("jwk", publicKey);
  const two = { jwks: { keys: [rsa, rsa] }, token_endpoint_auth_method: "private_key_jwt" };
  expect((await register(two)).status).toBe(201);
});

test("R4 a registration stores at most 8 KB, whatever its parts", async () => {
  const long = (n: number) => `https://app.example/${n}${"x".repeat(1900)}`;
  const response = await register({ redirect_uris: Array.from({ length: 10 }, (_, n) => long(n)) });
  expect([response.status, await response.json()]).toMatchObject([400, { error: "invalid_client_metadata" }]);
  expect(await countUnused()).toBe(0);
});

test("R4 a registration over the bound displaces the oldest unused client, but none that is younger than an hour", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await idOf(await register()));
  const refused = await register();
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "3600"]);
  expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
  await settled();
  const events = await owner.db.read<{ count: number }>(
    sql`select count from audit_events where name = 'registration_refused'`,
  );
  expect(events).toEqual([{ count: 1 }]);
  await gatehouse.moveClock(HOUR + 10);
  expect((await register()).status).toBe(201);
  expect(await Promise.all(ids.map(exists))).toEqual([false, true, true, true, true]);
  expect(await countUnused()).toBe(5);
});

test("R4 a client in use isn't counted, and stays", async () => {
  const used = await registerClient(gatehouse);
  await grantTokens(gatehouse, browser, used);
  expect(await countUnused()).toBe(0);
  for (let n = 0; n < 5; n++) await register();
  await gatehouse.moveClock(HOUR + 10);
  for (let n = 0; n < 5; n++) expect((await register()).status).toBe(201);
  expect(await exists(used.client_id)).toBe(true);
  expect(await countUnused()).toBe(5);
});

test("R4 parallel registrations never exceed the bound, and each of them displaces one client", async () => {
  const statuses = (await Promise.all(Array.from({ length: 20 }, () => register()))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(5);
  expect(statuses.filter((status) => status === 503)).toHaveLength(15);
  await gatehouse.moveClock(HOUR + 10);
  const later = (await Promise.all(Array.from({ length: 20 }, () => register()))).map(({ status }) => status);
  expect(later.filter((status) => status === 201)).toHaveLength(5);
  expect(await countUnused()).toBe(5);
});

test("R4 the largest number that the variable accepts works, and causes no error of the database", async () => {
  const { issuer: roomy } = await startGatehouse({ vars: { MAX_UNUSED_CLIENTS: "999999999" } });
  expect((await postJson(`${roomy}/register`, metadata)).status).toBe(201);
});

import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { openAccount } from "../../src/flows/linked/account-secret.ts";
import { openUpstream } from "../../src/flows/provider/upstream.ts";
import { createKeyWrapper, vaultKeyVersion } from "../../src/lib/key-wrapper.ts";
import { open, type Sealed, seal } from "../../src/lib/vault.ts";
import { findLinkedAccount } from "../../src/store/linked-accounts.ts";
import { findProvider } from "../../src/store/providers.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { grantTokens, introspect, refresh, registerClient } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, browser } = await ownScene();
const github = await addGitHub(gatehouse, { signsIn: true });
const issues = await addIssuesServer(gatehouse, "github");
const { client, tokens } = await grantLinked(gatehouse, browser, issues, { login: "octocat" });
const version = await vaultKeyVersion(gatehouse.vaultKey);
const others = [
  ["without a VAULT_KEY", await gatehouse.startAnother({ VAULT_KEY: "" })],
  [
    "with another VAULT_KEY",
    await gatehouse.startAnother({ VAULT_KEY: "another key of the vault, 0123456789abcdefghij" }),
  ],
] as const;

describe.each(others)("L1 a Worker %s, while accounts are linked", (_, at) => {
  const there = { ...gatehouse, issuer: at };

  test("L1 answers 503 for an account's token, and logs the version of the missing key", async () => {
    const said = () =>
      gatehouse.logs.filter(({ message }) => message.includes(`the key of version ${version} is missing`));
    const before = said().length;
    const refused = await exchange(there, issues, tokens.access_token, "github");
    expect([refused.status, (await answerOf(refused)).error]).toEqual([503, "temporarily_unavailable"]);
    expect(said().length).toBeGreaterThan(before);
  });

  test("L1 serves everything else: sign-in, consent, introspection, refreshes and other servers", async () => {
    const introspected = await introspect({ ...there, resource: issues }, tokens.access_token);
    expect(await introspected.json()).toMatchObject({ active: true });
    expect((await fetch(`${at}/health`)).status).toBe(200);
    expect((await fetch(`${at}/.well-known/oauth-authorization-server`)).status).toBe(200);
    const page = await createHeadlessBrowser().open(`${at}/login`);
    expect([page.status, page.html.querySelector("[name=password]") !== null]).toEqual([200, true]);
    const linked = await (await gatehouse.signedInBrowser(person)).open(`${at}/account/linked`);
    expect([linked.status, linked.html.textContent]).toEqual([200, expect.stringContaining("octocat")]);
    const other = await registerClient(there);
    expect(other.client_id).toBeTruthy();
  });
});

test("L1 gives the token again once it has the right key, and the connection continues", async () => {
  expect((await exchange(gatehouse, issues, tokens.access_token, "github")).status).toBe(200);
  expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  const plain = await registerClient(gatehouse);
  expect((await grantTokens(gatehouse, browser, plain)).access_token).toBeTruthy();
});

test("L1 a row opens only for its person, provider, id and version, and a client secret only for its provider", async () => {
  const account = await findLinkedAccount(gatehouse.owner.db, person.id, "github");
  const provider = await findProvider(gatehouse.owner.db, "github");
  if (!account || !provider) throw new Error("an account was linked");
  expect((await openAccount(gatehouse.owner, account)).accessToken).toMatch(/^gho_/);
  expect((await openUpstream(gatehouse.owner, provider)).clientSecret).toBe(github.clientSecret);
  for (const moved of [
    { userId: crypto.randomUUID() },
    { provider: "gitlab" },
    { id: crypto.randomUUID() },
    { version: account.version + 1 },
  ]) {
    await expect(openAccount(gatehouse.owner, { ...account, ...moved })).rejects.toMatchObject({ service: "vault" });
  }
  await expect(openUpstream(gatehouse.owner, { ...provider, slug: "gitlab" })).rejects.toMatchObject({
    service: "vault",
  });
});

test("L1 the database opens nothing in the vault, neither alone nor with one of the two keys", async () => {
  const given = await answerOf(await exchange(gatehouse, issues, tokens.access_token, "github"));
  const rows = await gatehouse.owner.db.read<{ row: string; place: string; secret: Sealed }>(sql`
    select l::text as "row", concat_ws('|', user_id, provider, id, version) as "place", jsonb_build_object(
      'sealed', sealed, 'wrappedKey', wrapped_key, 'keyVersion', key_version) as "secret" from linked_accounts l
    union all
    select p::text, 'provider|' || slug || '|client secret', jsonb_build_object(
      'sealed', sealed, 'wrappedKey', wrapped_key, 'keyVersion', key_version) from providers p`);
  expect(rows).toHaveLength(2);
  for (const { row, place, secret } of rows) {
    for (const known of [given.access_token, github.clientSecret, gatehouse.vaultKey]) expect(row).not.toContain(known);
    // What is in the row replaces the key, as somebody would try who has nothing else.
    for (const key of [gatehouse.serverKey, secret.wrappedKey, secret.keyVersion]) {
      await expect(open(createKeyWrapper([key]), place, secret)).rejects.toMatchObject({ service: "vault" });
    }
    expect(JSON.stringify(await open(createKeyWrapper([gatehouse.vaultKey]), place, secret))).toMatch(
      new RegExp(`${given.access_token}|${github.clientSecret}`),
    );
  }
  // Somebody with the key and without a row has nothing to open. A row of another deployment doesn't open either.
  const elsewhere = await seal(createKeyWrapper(["the key of another deployment, 0123456789"]), "x", "y");
  await expect(open(createKeyWrapper([gatehouse.vaultKey]), "x", elsewhere)).rejects.toMatchObject({
    service: "vault",
  });
});

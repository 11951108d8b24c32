import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { addResource, changeResource } from "../../src/flows/admin/resources.ts";
import {
  authorizationRequest,
  createMachine,
  grantTokens,
  isActive,
  postForm,
  refresh,
  revoke,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const { owner } = gatehouse;
const SCOPES = [{ name: "notes", description: "Read the notes", implies: [], isDefault: true }];
const DAY = 24 * 60 * 60;

async function addServer(uri: string, accessSeconds: number | null) {
  const added = await addResource(owner, { uri, name: "Notes", scopes: SCOPES, isDefault: false, accessSeconds });
  if ("problem" in added) throw new Error(added.problem);
  return { ...gatehouse, resource: { ...gatehouse.resource, ...added } };
}
const setLifetime = (id: string, accessSeconds: number | null) =>
  changeResource(owner, id, { name: "Notes", scopes: SCOPES, isDefault: false, maxFamilySeconds: null, accessSeconds });
/** The lifetime in seconds that an answer gives. One second may have passed meanwhile. */
const expectLifetime = (tokens: Pick<Tokens, "expires_in">, seconds: number) =>
  expect(seconds - tokens.expires_in).toBeOneOf([0, 1, 2]);

test("Tokens: a server has an access lifetime of its own for codes, refreshes and machines, and a change applies to the next token", async () => {
  const at = await addServer("https://day.example", DAY);
  const tokens = await grantTokens(gatehouse, browser, client, { resource: at.resource.uri });
  expectLifetime(tokens, DAY);
  const refreshed = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
  expectLifetime(refreshed, DAY);
  const machine = await createMachine(gatehouse, { scope: "notes" }, at.resource.uri);
  const granted = await postForm(`${issuer}/token`, {
    ...{ grant_type: "client_credentials", client_id: machine.id, client_secret: machine.secret },
  });
  expectLifetime((await granted.json()) as Tokens, DAY);

  await setLifetime(at.resource.id, 120);
  const sooner = (await (await refresh(gatehouse, client, refreshed.refresh_token)).json()) as Tokens;
  expectLifetime(sooner, 120);
  await setLifetime(at.resource.id, null);
  const usual = (await (await refresh(gatehouse, client, sooner.refresh_token)).json()) as Tokens;
  expectLifetime(usual, 3600);
});

test("Tokens: an access token that lasts a day ends with its connection, at the next look-up", async () => {
  const at = await addServer("https://ended.example", DAY);
  const tokens = await grantTokens(gatehouse, browser, client, { resource: at.resource.uri });
  expect(await isActive(at, tokens.access_token)).toBe(true);
  await revoke(gatehouse, client, tokens.refresh_token);
  expect(await isActive(at, tokens.access_token)).toBe(false);
});

test("Tokens: no access lifetime is longer than a day, wherever it is set", async () => {
  const problem = { problem: "An access token has to be good for between a minute and 24 hours." };
  const at = await addServer("https://bounds.example", null);
  for (const seconds of [DAY + 1, 59, 0, -1, 61.5, Number.NaN]) {
    const input = { uri: "https://new.example", name: "", scopes: SCOPES, isDefault: false };
    expect(await addResource(owner, { ...input, accessSeconds: seconds })).toEqual(problem);
    expect(await setLifetime(at.resource.id, seconds)).toMatchObject(problem);
  }
  await expect(owner.db.run(sql`update resources set access_seconds = 86401`)).rejects.toThrow();
});

test("Clients: gatehouse.resource.json can set the access lifetime, and a file without one leaves it unchanged", async () => {
  const uri = "https://declared.example";
  const scopes = [{ name: "notes", description: "Read the notes" }];
  const apply = async (more: object) => {
    const text = JSON.stringify({ resource: uri, name: "Notes", scopes, ...more });
    const applied = await applyResource(owner, text, { uri: null, isDefault: false });
    return "problem" in applied ? applied.problem : applied.outcome;
  };
  const lifetime = async () =>
    (
      await owner.db.read(
        sql`select access_seconds as seconds, max_family_seconds as most from resources where uri = ${uri}`,
      )
    )[0];
  expect(await apply({ accessSeconds: 7200 })).toBe("added");
  expect(await apply({})).toBe("unchanged");
  expect(await lifetime()).toEqual({ seconds: 7200, most: null });
  expect([await apply({ accessSeconds: DAY }), await apply({ accessSeconds: DAY })]).toEqual(["changed", "unchanged"]);
  expect(await apply({ accessSeconds: DAY + 1 })).toContain("accessSeconds");
  expect(await lifetime()).toEqual({ seconds: DAY, most: null });
});

test("People: if a server has a lifetime of its own, consent says how often the app renews its access", async () => {
  const at = await addServer("https://shown.example", DAY);
  const { url } = await authorizationRequest(gatehouse, client, { resource: at.resource.uri });
  const page = await browser.open(url);
  expect(page.html.textContent).toContain("the app renews its access every day.");
  const usual = await browser.open((await authorizationRequest(gatehouse, client)).url);
  expect(usual.html.textContent).not.toContain("renews its access");
});

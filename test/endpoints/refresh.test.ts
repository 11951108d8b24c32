import { describe, expect, test } from "vitest";
import { askAtOnce } from "../support/at-once.ts";
import { type Gatehouse, startGatehouse } from "../support/gatehouse.ts";
import {
  errorOf,
  type Fields,
  grantTokens,
  introspect,
  isActive,
  postForm,
  refresh,
  registerClient,
  revoke,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const grant = () => grantTokens(gatehouse, browser, client);

/** A refresh by a caller that looks like this. */
async function refreshAs(
  userAgent: string,
  token: string,
  at: Gatehouse = gatehouse,
  of: TestClient = client,
): Promise<Response> {
  const fields: Fields = { grant_type: "refresh_token", refresh_token: token, client_id: of.client_id };
  return postForm(`${at.issuer}/token`, fields, { "User-Agent": userAgent });
}
const tokensOf = async (response: Response) => (await response.json()) as Tokens;

describe("T4 rotation", () => {
  test("T4 every refresh gives a new pair of the same family, and the old access token keeps working", async () => {
    let tokens = await grant();
    const seen = new Set<string>();
    for (let n = 0; n < 5; n++) {
      const next = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token));
      expect(seen.has(next.refresh_token)).toBe(false);
      seen.add(next.refresh_token);
      expect(next.scope).toBe(tokens.scope);
      expect(next.resource).toBe(tokens.resource);
      expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
      tokens = next;
    }
  });

  test("T4 a requested scope narrows the access token and not the family", async () => {
    const narrow = await tokensOf(
      await refresh(gatehouse, client, (await grant()).refresh_token, { scope: "mcp:tools" }),
    );
    expect(narrow.scope).toBe("mcp:tools");
    expect(await (await introspect(gatehouse, narrow.access_token)).json()).toMatchObject({ scope: "mcp:tools" });
    const wide = await tokensOf(await refresh(gatehouse, client, narrow.refresh_token));
    expect(wide.scope).toBe("mcp:tools mcp:resources mcp:prompts");
  });

  test.each<[string, string, Record<string, string>]>([
    ["a resource outside the family", "400 invalid_target", { resource: "https://other.example" }],
    ["a wider scope", "400 invalid_scope", { scope: "mcp:tools admin" }],
    ["an unknown token", "400 invalid_grant", { refresh_token: "gthr_unknown" }],
    ["no token", "400 invalid_request", { refresh_token: "" }],
  ])("T4 %s is %s, and nothing is spent", async (_, error, fields) => {
    const tokens = await grant();
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token, fields))).toBe(error);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    const next = await refresh(gatehouse, client, tokens.refresh_token, { resource: `${tokens.resource}/` });
    expect(next.status).toBe(200);
  });

  test("T4 another client's token is invalid_grant and has no side effect", async () => {
    const other = await registerClient(gatehouse);
    const tokens = await grant();
    const next = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token));
    await gatehouse.moveClock(3000);
    for (const token of [tokens.refresh_token, next.refresh_token]) {
      expect(await errorOf(await refresh(gatehouse, other, token))).toBe("400 invalid_grant");
    }
    await gatehouse.moveClock(0);
    expect((await refresh(gatehouse, client, next.refresh_token)).status).toBe(200);
  });

  test("T4 an access token or a code isn't accepted as a refresh token", async () => {
    const tokens = await grant();
    expect(await errorOf(await refresh(gatehouse, client, tokens.access_token))).toBe("400 invalid_grant");
  });

  test("T4 a refresh token ends after 30 days without use, and its family after a year in any case", async () => {
    const day = 24 * 3600;
    let tokens = await grant();
    await gatehouse.moveClock(30 * day);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
    tokens = await grant();
    for (let days = 29; days < 365; days += 29) {
      await gatehouse.moveClock(days * day);
      tokens = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token));
    }
    await gatehouse.moveClock(365 * day);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
  });
});

describe("T4 races that aren't thefts", () => {
  test("T4 fifty requests at once all get the same pair", async () => {
    const responses = await askAtOnce(50, async () => {
      const tokens = await grant();
      return () => refresh(gatehouse, client, tokens.refresh_token);
    });
    const pairs = new Set(
      await Promise.all(
        responses.map(async (each) => {
          const { access_token, refresh_token } = await tokensOf(each);
          return `${access_token} ${refresh_token}`;
        }),
      ),
    );
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(pairs.size).toBe(1);
  });

  test("T4 within 30 s any caller gets the same pair again, with the remaining lifetime", async () => {
    const tokens = await grant();
    const first = await tokensOf(await refreshAs("one", tokens.refresh_token));
    await gatehouse.moveClock(20);
    const again = await tokensOf(await refreshAs("two", tokens.refresh_token));
    expect(again.refresh_token).toBe(first.refresh_token);
    expect(again.access_token).toBe(first.access_token);
    expect(first.expires_in - again.expires_in).toBeGreaterThanOrEqual(20);
    expect(again.scope).toBe(first.scope);
    await gatehouse.moveClock(0);
  });

  test("T4 a replay returns the stored scope, whatever it asks for, and refuses a wider one", async () => {
    const tokens = await grant();
    const first = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token, { scope: "mcp:tools" }));
    const again = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token, { scope: "mcp:prompts" }));
    expect([again.access_token, again.scope]).toEqual([first.access_token, "mcp:tools"]);
    const asks = (fields: Record<string, string>) => refresh(gatehouse, client, tokens.refresh_token, fields);
    expect(await errorOf(await asks({ scope: "admin" }))).toBe("400 invalid_scope");
    expect(await errorOf(await asks({ resource: "https://other.example" }))).toBe("400 invalid_target");
  });

  test("T4 only the current token's predecessor can be replayed, and an older one is refused without harm", async () => {
    const tokens = await grant();
    const second = await tokensOf(await refresh(gatehouse, client, tokens.refresh_token));
    const third = await tokensOf(await refresh(gatehouse, client, second.refresh_token));
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, third.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, third.refresh_token)).status).toBe(200);
  });
});

describe("T4 a lost answer", () => {
  test("T4 a lost answer is given to the same caller again within 10 min, if neither token was used", async () => {
    const tokens = await grant();
    const lost = await tokensOf(await refreshAs("laptop", tokens.refresh_token));
    await gatehouse.moveClock(590);
    const found = await tokensOf(await refreshAs("laptop", tokens.refresh_token));
    expect(found.refresh_token).toBe(lost.refresh_token);
    expect(await isActive(gatehouse, found.access_token)).toBe(true);
    await gatehouse.moveClock(0);
  });

  test.each<[string, (tokens: Tokens, lost: Tokens) => Promise<unknown>, string]>([
    ["another caller asks", async () => {}, "thief"],
    ["the new access token was used", (_, lost) => isActive(gatehouse, lost.access_token), "laptop"],
    ["the new refresh token was used", (_, lost) => refreshAs("laptop", lost.refresh_token), "laptop"],
  ])("T4 a lost answer isn't given again if %s, and the family is revoked for reuse", async (_, happens, caller) => {
    const tokens = await grant();
    const lost = await tokensOf(await refreshAs("laptop", tokens.refresh_token));
    await happens(tokens, lost);
    await gatehouse.moveClock(60);
    expect(await errorOf(await refreshAs(caller, tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, lost.access_token)).toBe(false);
    expect(await errorOf(await refreshAs("laptop", lost.refresh_token))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
  });

  test("T4 a lost answer counts as reuse for any caller after 10 min", async () => {
    const tokens = await grant();
    const lost = await tokensOf(await refreshAs("laptop", tokens.refresh_token));
    await gatehouse.moveClock(601);
    expect(await errorOf(await refreshAs("laptop", tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, lost.access_token)).toBe(false);
    await gatehouse.moveClock(0);
  });
});

test("T4 reuse revokes this family, and no other of the same client", async () => {
  const [stolen, sibling] = [await grant(), await grant()];
  await refresh(gatehouse, client, stolen.refresh_token);
  await gatehouse.moveClock(3000);
  await refresh(gatehouse, client, stolen.refresh_token);
  expect(await isActive(gatehouse, stolen.access_token)).toBe(false);
  expect(await isActive(gatehouse, sibling.access_token)).toBe(true);
  await gatehouse.moveClock(0);
});

test("T4 with both intervals at 0, every second use is reuse", async () => {
  const strict = await startGatehouse({ vars: { REFRESH_REUSE_SECONDS: "0", REFRESH_LOST_ANSWER_SECONDS: "0" } });
  const app = await registerClient(strict);
  const tokens = await grantTokens(strict, await strict.signedInBrowser(await strict.addPerson()), app);
  const next = await tokensOf(await refresh(strict, app, tokens.refresh_token));
  expect(await errorOf(await refresh(strict, app, tokens.refresh_token))).toBe("400 invalid_grant");
  expect(await isActive(strict, next.access_token)).toBe(false);
});

test("T7 a revoked family is neither rotated nor replayed", async () => {
  const tokens = await grant();
  await refresh(gatehouse, client, tokens.refresh_token);
  expect((await revoke(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
});

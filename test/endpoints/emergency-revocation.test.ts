import { describe, expect, test } from "vitest";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  grantCode,
  grantTokens,
  isActive,
  redeem,
  refresh,
  registerClient,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { owner } = gatehouse;

describe("emergency revocation", () => {
  test.each(["all", "user", "client", "resource"] as const)(
    "revoke --%s ends tokens, and codes that are not yet redeemed",
    async (kind) => {
      const person = await gatehouse.addPerson();
      const browser = await gatehouse.signedInBrowser(person);
      const client = await registerClient(gatehouse);
      const tokens = await grantTokens(gatehouse, browser, client);
      const waiting = await grantCode(gatehouse, browser, client);
      const bystander = await registerClient(gatehouse);
      const theirs = await grantTokens(
        gatehouse,
        await gatehouse.signedInBrowser(await gatehouse.addPerson()),
        bystander,
      );
      const target = {
        all: { kind: "all" },
        user: { kind: "user", email: person.email },
        client: { kind: "client", id: client.client_id },
        resource: { kind: "resource", uri: `${gatehouse.resource.uri}/` },
      } as const;
      expect(await revokeGrants(owner, target[kind])).toEqual({ revoked: expect.toSatisfy((n: number) => n >= 1) });
      expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
      expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(400);
      expect((await redeem(gatehouse, client, waiting)).status).toBe(400);
      expect(await isActive(gatehouse, theirs.access_token)).toBe(kind === "user" || kind === "client");
      const { url } = await authorizationRequest(gatehouse, client);
      const signedOut = kind === "all" || kind === "user";
      expect((await browser.open(url)).url.pathname).toBe(signedOut ? "/login" : "/authorize");
    },
  );
});

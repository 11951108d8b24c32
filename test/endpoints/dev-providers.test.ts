import { expect, test } from "vitest";
import { prepareIssues } from "../../src/dev/issues-example.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { readProviders, removeProvider } from "../../src/flows/admin/providers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addProviderOrThrow } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { owner, issuer, services, vaultKey } = gatehouse;
const port = await findFreePort(3);
let credentials = {};

/** Does what `npm run dev` does with providers. Returns those that exist then, each with its client. */
async function begin() {
  const state = { serverKey: "a key of the server, which nothing here needs", vaultKey, credentials };
  const { resource, stop } = await prepareIssues({ services, state, issuer, port });
  await stop();
  credentials = { [resource.uri]: resource };
  return Object.fromEntries((await readProviders(owner, issuer)).map(({ slug, clientId }) => [slug, clientId]));
}

test("L3 npm run dev adds each stand-in once, doesn't bring a removed one back, and leaves other providers alone", async () => {
  const first = await begin();
  expect(Object.keys(first)).toEqual(["github", "openid"]);
  expect(await begin()).toEqual(first);
  await removeProvider(owner, "github", 0);
  expect(Object.keys(await begin())).toEqual(["openid"]);
  await addProviderOrThrow(gatehouse, { slug: "github", clientId: "mine", clientSecret: "mine-0123456789" });
  expect(await begin()).toEqual({ github: "mine", openid: first["openid"] });
});

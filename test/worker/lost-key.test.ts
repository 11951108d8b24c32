import { afterAll, expect, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { gatehouseWorker } from "../../src/dev/stack.ts";
import { startWorkers } from "../../src/dev/workerd.ts";
import { grantTokens, isActive, refresh, registerClient } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await ownScene();
const port = await findFreePort();
const state = { serverKey: "another-key-kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4", vaultKey: "", credentials: {} };
const { services } = gatehouse;
const worker = await startWorkers(
  [gatehouseWorker({ services, state, port, issuer, vars: { LIMITS: "off" } })],
  () => {},
);
afterAll(() => worker.stop());

test("P4 losing SERVER_KEY ends no connection and no sign-in, because the database knows all tokens", async () => {
  const client = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
  const tokens = await grantTokens(gatehouse, browser, client);
  const after = { ...gatehouse, issuer: `http://localhost:${port}` };
  expect(await isActive(after, tokens.access_token)).toBe(true);
  expect((await refresh(after, client, tokens.refresh_token)).status).toBe(200);
  expect((await browser.open(`${after.issuer}/account`)).url.pathname).toBe("/account");
});

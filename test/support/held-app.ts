import { sql } from "drizzle-orm";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { removeAppRule, setAppRule } from "../../src/flows/admin/app-rules.ts";
import type { OwnGatehouse } from "./gatehouse.ts";
import { authorizationRequest, registerClient, type TestClient } from "./oauth-client.ts";

/** An app that registered itself and that somebody asked for while the owner is to be asked. */
export async function holdApp(
  gatehouse: OwnGatehouse,
  browser: HeadlessBrowser,
  metadata: Record<string, unknown> = {},
): Promise<TestClient> {
  const client = await registerClient(gatehouse, metadata);
  await setAppRule(gatehouse.owner, "registered", "", "ask");
  await browser.open((await authorizationRequest(gatehouse, client)).url);
  return client;
}

/** Everything that can happen to apps that wait, are refused, or are never used. */
export async function liveWithRules(gatehouse: OwnGatehouse, browser: HeadlessBrowser): Promise<void> {
  const { owner } = gatehouse;
  const client = await holdApp(gatehouse, browser);
  await setAppRule(owner, "registered", "", "refuse");
  await browser.open((await authorizationRequest(gatehouse, client)).url);
  await removeAppRule(owner, "registered", "");
  await owner.db.run(sql`delete from app_requests where client_id = ${client.client_id}`);
  await owner.db.run(sql`
    update clients set created_at = now() - interval '40 days', review_at = now() - interval '1 day' where id = ${client.client_id}`);
  await gatehouse.runScheduled();
}

import { sql } from "drizzle-orm";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import type { Person } from "../../src/dev/person.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { grantTokens, registerClient, type TestClient } from "./oauth-client.ts";
import { readServerMap } from "./server-map.ts";

/** What the pages are about: an app that a person has connected. */
type Shown = { readonly app: TestClient; readonly connection: string };

/** Connects an app, so that the pages have something to show. */
export async function connectApp(gatehouse: Gatehouse, browser: HeadlessBrowser): Promise<Shown> {
  const app = await registerClient(gatehouse, { client_name: "Code editor" });
  await grantTokens(gatehouse, browser, app);
  const [row] = await gatehouse.owner.db.read<{ id: string }>(
    sql`select id from token_families where client_id = ${app.client_id}`,
  );
  if (!row) throw new Error("the app is not connected");
  return { app, connection: row.id };
}

/** The path of every page that an address opens: each list, each thing in it, and the pages of what isn't there. */
export const pagePaths = (
  { resource }: Gatehouse,
  { app, connection }: Shown,
  { email }: Person,
): readonly string[] => [
  ...readServerMap()
    .filter(({ method, isPage, path }) => method === "GET" && isPage && !/\.(css|js|svg|ndjson|csv)$|logo/.test(path))
    .map(({ path }) => path),
  `/admin/resources/${resource.id}`,
  `/admin/clients/one?${new URLSearchParams({ id: app.client_id })}`,
  `/admin/people/one?${new URLSearchParams({ email })}`,
  `/account/connections/${connection}`,
  "/account?ended",
  "/admin/audit?days=abc",
  "/nothing",
];

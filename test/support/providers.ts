import { sql } from "drizzle-orm";
import { afterAll } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { type GitHub, startGitHub } from "../../src/dev/providers/github.ts";
import { type OpenidStandIn, startOpenid } from "../../src/dev/providers/openid.ts";
import { addProvider, type ProviderInput } from "../../src/flows/admin/new-provider.ts";
import type { Gatehouse } from "./gatehouse.ts";

const SCOPES = [
  { name: "read:issues", description: "Read your issues", broad: false },
  { name: "write:issues", description: "Write issues", broad: false },
];

const INPUT: Omit<ProviderInput, "slug" | "clientId" | "clientSecret"> = {
  ...{ preset: null, name: null, host: null, tenant: null, issuer: null, description: {}, scopes: SCOPES },
  ...{ signsIn: false, joining: [], resources: [] },
};

export async function addProviderOrThrow(
  { owner, issuer }: Gatehouse,
  input: Pick<ProviderInput, "slug" | "clientId" | "clientSecret"> & Partial<ProviderInput>,
): Promise<void> {
  const added = await addProvider(owner, issuer, { ...INPUT, ...input });
  if ("problem" in added) throw new Error(added.problem);
}

/** A GitHub beside the server, which knows it. The scopes are those that a test's access table needs. */
export async function addGitHub(
  gatehouse: Gatehouse,
  { rotating = false, ...input }: Partial<ProviderInput> & { readonly rotating?: boolean } = {},
): Promise<GitHub> {
  const github = await startGitHub({ port: await findFreePort(), rotating });
  afterAll(github.stop);
  gatehouse.keepSecret(() => [...github.controls.secrets(), github.clientSecret]);
  const { url: host, clientId, clientSecret } = github;
  await addProviderOrThrow(gatehouse, { slug: "github", preset: "github", host, clientId, clientSecret, ...input });
  return github;
}

/** An OpenID provider beside the server, which knows it by discovery. */
export async function addOpenid(
  gatehouse: Gatehouse,
  { slug = "openid", ...input }: Partial<ProviderInput> = {},
): Promise<OpenidStandIn> {
  const redirectUris = [`${gatehouse.issuer}/callback/${slug}`];
  const openid = await startOpenid({ port: await findFreePort(), redirectUris });
  afterAll(openid.stop);
  gatehouse.keepSecret(() => [...openid.controls.secrets(), openid.clientSecret]);
  const { url: issuer, clientId, clientSecret } = openid;
  await addProviderOrThrow(gatehouse, { slug, issuer, clientId, clientSecret, ...input });
  return openid;
}

/** How often a provider's failure was written down for the owner. It is written after the answer. */
export async function readProviderFailures({ owner }: Gatehouse): Promise<number> {
  const [row] = await owner.db.read<{ failures: number }>(sql`
    select coalesce(sum(count), 0)::int as failures from audit_events where name = 'provider_failed'`);
  return row?.failures ?? 0;
}

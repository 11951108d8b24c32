import { readFile } from "node:fs/promises";
import { createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { addProvider, type ProviderInput } from "../flows/admin/new-provider.ts";
import { allowProvider, readProviders, removeProvider } from "../flows/admin/providers.ts";
import type { Services } from "./local-services.ts";
import { type GitHub, startGitHub } from "./providers/github.ts";
import { type OpenidStandIn, startOpenid } from "./providers/openid.ts";
import { ensureExample } from "./stack.ts";
import type { DevState } from "./state.ts";
import { projectFile, type WorkerSpec } from "./workerd.ts";

export type IssuesExample = {
  readonly worker: WorkerSpec;
  readonly resource: { readonly id: string; readonly uri: string; readonly secret: string };
  readonly github: GitHub;
  readonly openid: OpenidStandIn;
  readonly stop: () => Promise<void>;
};

type Options = {
  readonly services: Services;
  readonly state: DevState;
  readonly issuer: string;
  readonly port: number;
};

const NOTHING_SAID: Omit<ProviderInput, "slug" | "clientId" | "clientSecret"> = {
  ...{ preset: null, name: null, host: null, tenant: null, issuer: null, description: {}, scopes: [] },
  ...{ signsIn: true, joining: [], resources: [] },
};

/**
 * The example server that uses linked accounts, with a GitHub and an OpenID provider as stand-ins on the two ports
 * after it. Both are added to Gatehouse as an owner would add them.
 */
export async function prepareIssues({ services, state, issuer, port }: Options): Promise<IssuesExample> {
  const document = await readFile(projectFile("examples/issues/gatehouse.resource.json"), "utf8");
  const uri = `http://localhost:${port}/mcp`;
  const resource = await ensureExample(services, state, { document, uri, isDefault: false });
  const github = await startGitHub({ port: port + 1 });
  const openid = await startOpenid({ port: port + 2, redirectUris: [`${issuer}/callback/openid`] });
  const deps = await createOperatorDeps(services.databaseUrl, state.serverKey, [state.vaultKey]);
  const before = await readProviders(deps, issuer);
  // If the owner has removed one, it isn't added again. If they have added one of that name, it stays.
  const isBegun = state.credentials[uri] !== undefined;
  const add = async (input: Pick<ProviderInput, "slug" | "clientId" | "clientSecret"> & Partial<ProviderInput>) => {
    const known = before.find(({ slug }) => slug === input.slug);
    if (known ? known.clientId !== input.clientId : isBegun) return false;
    // The stand-in stores nothing, so accounts that were linked last time are gone with it.
    if (known) await removeProvider(deps, input.slug, 0);
    const added = await addProvider(deps, issuer, { ...NOTHING_SAID, ...input });
    if ("problem" in added) throw new Error(added.problem);
    return true;
  };
  const { clientId, clientSecret } = github;
  const hub = { slug: "github", name: "GitHub stand-in", preset: "github", host: github.url, clientId, clientSecret };
  if (await add(hub)) await allowProvider(deps, "github", uri, true);
  await add({ slug: "openid", name: "OpenID stand-in", ...openid, issuer: openid.url });
  const worker = {
    name: "issues",
    configPath: projectFile("examples/issues/wrangler.toml"),
    port,
    bindings: {
      ...{ ISSUER: issuer, RESOURCE: uri, RESOURCE_ID: resource.id, INTROSPECTION_SECRET: resource.secret },
      GITHUB_API: `${github.url}/api/v3`,
    },
  };
  const stop = async () => {
    await Promise.all([github.stop(), openid.stop()]);
  };
  return { worker, resource, github, openid, stop };
}

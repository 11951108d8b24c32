import { HTTPException } from "hono/http-exception";
import { checkProvider, type ProviderCheck } from "../../flows/admin/check-provider.ts";
import {
  allowProvider,
  readProviderAccounts,
  readProviderServers,
  readProviders,
  removeProvider,
} from "../../flows/admin/providers.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, idOf, type RefusedForm, textField, ticked } from "../fields.ts";
import { MOST_ENDED, ProviderPage, ProvidersPage } from "../pages/admin/providers.tsx";
import { goTo, orRefuse } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

/** `GET /admin/providers`. */
export const getProviders = (c: AppContext): Promise<Response> => showProviders(c, null);

/** The list, with the form that adds a provider. */
export async function showProviders(c: AppContext, refused: RefusedForm | null): Promise<Response> {
  const { deps } = c.var;
  const providers = await readProviders(deps, deps.config.issuer);
  const hasVault = deps.config.vaultKeys.length > 0;
  const page = { shell: await panelShellOf(c), providers, hasVault, refused };
  return c.html(<ProvidersPage {...page} />, refused ? 400 : 200);
}

/** `GET /admin/providers/:id`: a provider's settings, and who has linked an account there. It never shows a token. */
export const getProvider = (c: AppContext): Promise<Response> => showProvider(c, null);

/** `POST /admin/providers/:id/check`: checks a provider from outside, and shows the result. */
export async function postProviderCheck(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  return showProvider(c, orRefuse(await checkProvider(deps, deps.config.issuer, idOf(c))));
}

/** `POST /admin/providers/:id/servers`: lets an MCP server use accounts there, or stops it. */
export const postProviderServer = formRoute({
  fields: z.object({ server: textField(2000), allowed: ticked() }),
  submit: async (c, { server, allowed }) => {
    if (!(await allowProvider(c.var.deps, idOf(c), server, allowed))) throw noSuchProvider();
    return goTo(c, `/admin/providers/${idOf(c)}`, "saved");
  },
});

/** `POST /admin/providers/:id/remove`. The provider is told after the answer. */
export async function postProviderRemoval(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const removed = await removeProvider(deps, idOf(c), MOST_ENDED);
  if (!removed) throw noSuchProvider();
  const { accounts, ended } = removed;
  deps.defer(
    ended.then((told) =>
      deps.log({ level: "info", event: "provider_accounts_ended", provider: idOf(c), accounts, told }),
    ),
  );
  return goTo(c, "/admin/providers", "deleted");
}

async function showProvider(c: AppContext, checks: readonly ProviderCheck[] | null): Promise<Response> {
  const { deps } = c.var;
  const providers = await readProviders(deps, deps.config.issuer);
  const provider = providers.find(({ slug }) => slug === idOf(c));
  if (!provider) throw noSuchProvider();
  const [accounts, servers] = await Promise.all([
    readProviderAccounts(deps, provider.slug),
    readProviderServers(deps, provider.slug),
  ]);
  const page = { shell: await panelShellOf(c), now: deps.now(), provider, servers, accounts, checks };
  return c.html(<ProviderPage {...page} />);
}

const noSuchProvider = () => new HTTPException(404, { message: "There is no such provider." });

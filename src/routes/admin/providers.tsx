import { HTTPException } from "hono/http-exception";
import { checkProvider, type ProviderCheck } from "../../flows/admin/check-provider.ts";
import { readProviderAccounts, readProviders, removeProvider } from "../../flows/admin/providers.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { ProviderPage, ProvidersPage } from "../pages/admin/providers.tsx";
import { goTo, orRefuse } from "../redirect.ts";

/** `GET /admin/providers`. */
export async function getProviders(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const providers = await readProviders(deps, deps.config.issuer);
  return c.html(<ProvidersPage frame={await panelFrameOf(c)} providers={providers} />);
}

/** `GET /admin/providers/:id`: what it is, and who has linked what there. Never a token. */
export const getProvider = (c: AppContext): Promise<Response> => showProvider(c, null);

/** `POST /admin/providers/:id/check`: looks at it from outside, and says what is right. */
export async function postProviderCheck(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  return showProvider(c, orRefuse(await checkProvider(deps, deps.config.issuer, slugOf(c))));
}

/** `POST /admin/providers/:id/remove`. */
export async function postProviderRemoval(c: AppContext): Promise<Response> {
  if (!(await removeProvider(c.var.deps, slugOf(c)))) throw noSuchProvider();
  return goTo(c, "/admin/providers", "deleted");
}

async function showProvider(c: AppContext, checks: readonly ProviderCheck[] | null): Promise<Response> {
  const { deps } = c.var;
  const providers = await readProviders(deps, deps.config.issuer);
  const provider = providers.find(({ slug }) => slug === slugOf(c));
  if (!provider) throw noSuchProvider();
  const accounts = await readProviderAccounts(deps, provider.slug);
  const page = { frame: await panelFrameOf(c), now: deps.now(), provider, accounts, checks };
  return c.html(<ProviderPage {...page} />);
}

const slugOf = (c: AppContext): string => c.req.param("id") ?? "";
const noSuchProvider = () => new HTTPException(404, { message: "There is no such provider." });

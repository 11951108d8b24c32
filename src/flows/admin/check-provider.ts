import { fetchJson } from "../../lib/safe-fetch.ts";
import { providerRedirectUri } from "../../oauth/provider.ts";
import { providerLocation } from "../../oauth/provider-request.ts";
import { findProvider, updateProviderDescription } from "../../store/providers.ts";
import { discoverProvider } from "../provider/discover.ts";
import { attemptUpstream, describeUpstream, openUpstream, toProvider, UPSTREAM_LIMITS } from "../provider/upstream.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { findDescriptionProblem } from "./describe-provider.ts";

/** The name of a check, and what is wrong. Null if nothing is. */
export type ProviderCheck = { readonly what: string; readonly problem: string | null };

/**
 * Checks a provider from outside, without sending anybody there: discovery, keys, the client secret, and whether the
 * authorization endpoint accepts the client with our redirect URI. Stores what discovery says now.
 */
export async function checkProvider(
  deps: AdminDeps,
  issuer: string,
  slug: string,
): Promise<readonly ProviderCheck[] | { readonly problem: string }> {
  const stored = await findProvider(deps.db, slug);
  if (!stored) return { problem: `There is no provider ${slug}.` };
  let provider = toProvider(stored);
  const checks: ProviderCheck[] = [];
  const secret = await attemptUpstream(() => openUpstream(deps, stored)).catch(() => null);
  checks.push({
    what: "The secret can be read",
    problem: secret?.ok ? null : "VAULT_KEY is missing or a different one",
  });
  if (provider.kind === "openid") {
    const found = await discoverProvider(deps, provider.issuer);
    checks.push({ what: `Discovery at ${provider.issuer}`, problem: found.ok ? null : found.problem });
    if (found.ok) {
      provider = {
        ...provider,
        description: { ...provider.description, ...found.value, authentication: provider.description.authentication },
      };
      const wrong = findDescriptionProblem(provider, new URL(issuer).hostname);
      checks.push({ what: "Its endpoints", problem: wrong });
      // Doesn't request an address that may not be fetched: discovery may name anybody's address, or one on the network
      // that this runs in.
      if (wrong) return checks;
      await updateProviderDescription(deps.db, slug, provider.description, deps.actor);
      checks.push({ what: "Its keys", problem: await findKeysProblem(deps, provider.description.jwksUri ?? "") });
    }
  }
  const upstream = describeUpstream(deps, provider, null);
  const redirectUri = providerRedirectUri(issuer, slug);
  checks.push({
    what: `It sends people back to ${redirectUri}`,
    problem: await findAuthorizeProblem(deps, providerLocation(upstream.provider, probe(redirectUri))),
  });
  return checks;
}

async function findKeysProblem({ fetch }: AdminDeps, uri: string): Promise<string | null> {
  const fetched = await fetchJson(fetch, uri, UPSTREAM_LIMITS);
  if (!fetched.ok) return `their address ${fetched.problem}`;
  const { keys } = (fetched.json ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.length > 0 ? null : "there are no keys";
}

/** A provider that doesn't know the client or the redirect URI says so on its own page instead of redirecting back. */
async function findAuthorizeProblem({ fetch }: AdminDeps, url: string): Promise<string | null> {
  const signal = AbortSignal.timeout(UPSTREAM_LIMITS.timeoutMs);
  const response = await fetch(url, { redirect: "manual", signal }).catch(() => null);
  if (!response) return "the authorization endpoint could not be reached";
  await response.body?.cancel();
  return response.status >= 400
    ? `the authorization endpoint answered ${response.status}: paste the redirect URI there`
    : null;
}

const probe = (redirectUri: string) => ({
  redirectUri,
  state: "check",
  codeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  nonce: "check",
  scopes: ["openid"],
  asksTime: false,
  signInAnew: false,
  loginHint: null,
});

import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { mintToken } from "../../lib/token.ts";
import type { ProviderNeed } from "../../oauth/provider-needs.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { SessionKey } from "../../store/actor.ts";
import { insertConnectDetour } from "../../store/connect-links.ts";

type Detour = {
  readonly clientId: string;
  readonly resourceId: string;
  /** The granted scopes that need accounts. */
  readonly needs: readonly ProviderNeed[];
  /** Providers at which they don't want to link an account now. */
  readonly skipped: readonly string[];
  /** What waits for it, sealed. Null if nothing does. */
  readonly pending: () => Promise<string> | null;
};

/**
 * Lets a server use the linked accounts, as its person just allowed. For the first account that is missing or has too
 * few scopes, it makes a link that asks for it. Null if nothing is missing.
 */
export async function makeDetour(
  deps: Deps,
  session: SessionKey,
  { clientId, resourceId, needs, skipped, pending }: Detour,
): Promise<{ readonly location: string } | null> {
  if (needs.length === 0) return null;
  const link = await mintToken(deps.keys, TOKEN_KIND.connectLink);
  const detour = { digest: await sha256(link), session, clientId, resourceId, needs: merge(needs), skipped };
  const asksFor = await insertConnectDetour(deps.db, { ...detour, pending: await pending() }, deps.actor);
  return asksFor === null ? null : { location: `${deps.config.issuer}/connect/${link}` };
}

function merge(needs: readonly ProviderNeed[]): ProviderNeed[] {
  const providers = [...new Set(needs.map(({ provider }) => provider))];
  return providers.map((provider) => ({
    provider,
    scopes: [...new Set(needs.filter((need) => need.provider === provider).flatMap(({ scopes }) => scopes))],
  }));
}

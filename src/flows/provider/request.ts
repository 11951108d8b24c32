import { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomNonce } from "oauth4webapi";
import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { sha256 } from "../../lib/hash.ts";
import * as z from "../../lib/schema.ts";
import { mintToken } from "../../lib/token.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { providerRedirectUri } from "../../oauth/provider.ts";
import { providerLocation } from "../../oauth/provider-request.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertProviderState, type StatePurpose } from "../../store/provider-states.ts";
import { toProvider } from "./upstream.ts";

/** Why a person is sent to a provider, and what it is asked for. */
type NewProviderRequest = {
  readonly provider: string;
  readonly purpose: StatePurpose;
  /** What the browser is bound to: its session's token, or before sign-in a nonce. */
  readonly browser: string;
  /** The scopes to request, beside those that the provider always gets. */
  readonly scopes: readonly string[];
  /** The link that asked for an account. */
  readonly link: string | null;
  /** Where the person continues after a sign-in. */
  readonly returnTo: string | null;
  readonly signInAnew: boolean;
  readonly loginHint: string | null;
};

/** What a state keeps, sealed under the state itself, so that the database alone can't open it. */
const schema = z.object({
  verifier: z.string(),
  nonce: z.string(),
  scopes: z.array(z.string()),
  link: z.nullable(z.string()),
  returnTo: z.nullable(z.string()),
  signInAnew: z.boolean(),
  /** Milliseconds since 1970. */
  sentAt: z.number(),
});

export type KeptRequest = z.output<typeof schema>;

const use = (state: string) => ({ purpose: "provider state", context: state });

/**
 * Sends the browser to a provider, with PKCE and a state that is good once, in this browser, at this provider's
 * callback.
 */
export async function redirectToProvider(
  deps: Deps,
  request: NewProviderRequest,
): Promise<{ readonly location: string }> {
  const state = await mintToken(deps.keys, TOKEN_KIND.providerState);
  const [verifier, nonce] = [generateRandomCodeVerifier(), generateRandomNonce()];
  const { link, returnTo, signInAnew } = request;
  const scopes = [...request.scopes];
  const sentAt = deps.now().getTime();
  const stored = await insertProviderState(
    deps.db,
    {
      digest: await sha256(state),
      provider: request.provider,
      browserDigest: await sha256(request.browser),
      purpose: request.purpose,
      sealed: await sealEnvelope(deps.keys, use(state), {
        ...{ verifier, nonce, scopes, link, returnTo, signInAnew, sentAt },
      } satisfies KeptRequest),
    },
    deps.now(),
  );
  if (!stored) throw new OAuthError("invalid_request", "There is no such provider here.", { status: 404 });
  const provider = toProvider(stored);
  const own = request.purpose === "account" ? provider.description.accountScopes : provider.description.signInScopes;
  const location = providerLocation(provider, {
    redirectUri: providerRedirectUri(deps.config.issuer, provider.slug),
    state,
    codeChallenge: await calculatePKCECodeChallenge(verifier),
    nonce,
    scopes: [...new Set([...own, ...scopes])],
    asksTime: request.purpose === "sign_in",
    signInAnew,
    loginHint: request.loginHint,
  });
  return { location };
}

export async function openKeptRequest({ keys }: Deps, state: string, sealed: string): Promise<KeptRequest | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, use(state), sealed));
  return parsed.success ? parsed.data : null;
}

import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type ClaimedState, claimProviderState } from "../../store/provider-states.ts";
import { type Redemption, redeemProviderCode } from "./redeem.ts";
import { type KeptRequest, openKeptRequest } from "./request.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

/** A provider's answer to a state of this browser. */
export type ClaimedAnswer = {
  readonly state: string;
  readonly claimed: ClaimedState;
  readonly request: KeptRequest;
  readonly answer: URLSearchParams;
};

/**
 * Claims the state of a callback. If it is foreign, spent, expired, or of another browser or provider, the page is
 * always the same and nothing happens.
 */
export async function claimAnswer(
  deps: Deps,
  provider: string,
  answer: URLSearchParams,
  browser: string,
): Promise<ClaimedAnswer> {
  const states = answer.getAll("state");
  const [state = ""] = states;
  const isOurs = states.length === 1 && (await isPlausibleToken(deps.keys, TOKEN_KIND.providerState, state));
  const key = { digest: await sha256(state), browserDigest: await sha256(browser), provider };
  const claimed = isOurs ? await claimProviderState(deps.db, key, deps.now()) : null;
  const request = claimed && (await openKeptRequest(deps, state, claimed.sealed));
  if (!claimed || !request) {
    throw new OAuthError(
      "invalid_request",
      "This answer can't be used: it has already been used, took too long, or was meant for another browser. Start again.",
      { reason: "state_void" },
    );
  }
  return { state, claimed, request, answer };
}

/** Redeems the code of an answer. A failure at the provider gives a page, a log line and an event. */
export async function redeemAnswer(
  deps: Deps,
  { state, claimed, request, answer }: ClaimedAnswer,
): Promise<Redemption & { readonly upstream: Upstream }> {
  const { name, slug } = claimed.provider;
  const upstream = await openUpstream(deps, claimed.provider);
  const redeemed = await redeemProviderCode(upstream, deps.config.issuer, answer, { ...request, state });
  if (redeemed.ok) return { ...redeemed.value, upstream };
  throw providerFailed(deps, slug, `${name} could not be reached, or gave an invalid answer`, redeemed.problem);
}

/** Writes a provider's failure to the log, and to the record for the owner. */
export function recordProviderFailure(deps: Deps, slug: string, problem: string, userId: string | null = null): void {
  deps.log({ level: "warn", event: "provider_failed", provider: slug, problem });
  auditRefusal(deps, { name: "provider_failed", userId });
}

/** The page about a provider's failure, which is recorded. */
export function providerFailed(deps: Deps, slug: string, sentence: string, problem: string): OAuthError {
  recordProviderFailure(deps, slug, problem);
  return new OAuthError("temporarily_unavailable", `${sentence}. Nothing has changed here. Start again.`, {
    status: 503,
    reason: "provider_failed",
    retryAfterSeconds: 10,
  });
}

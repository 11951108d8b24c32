import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { findLinkedAccount, type LinkedAccount, storeLinkedAccount } from "../../store/linked-accounts.ts";
import type { Session } from "../login/session.ts";
import { type ClaimedAnswer, providerFailed, redeemAnswer } from "../provider/callback.ts";
import type { Redemption } from "../provider/redeem.ts";
import { revokeAtProvider } from "../provider/revoke.ts";
import { toProvider, type Upstream } from "../provider/upstream.ts";
import { openAccount, sealAccount } from "./account-secret.ts";
import { goOn, requireLink } from "./connect-link.ts";

/** The outcome of a provider's answer that was to link an account. */
type LinkOutcome =
  | { readonly kind: "redirect"; readonly location: string }
  /** The person declined there. */
  | { readonly kind: "refused"; readonly link: string; readonly provider: string }
  /** They came back as somebody else than the linked account. */
  | {
      readonly kind: "other_account";
      readonly link: string;
      readonly provider: string;
      readonly label: string;
      readonly linked: { readonly id: string; readonly label: string };
    };

const TRIES = 3;

/**
 * Links the account with which a person comes back from a provider. If another account is linked already, the person is
 * asked. It is never replaced silently, and the new tokens are thrown away.
 */
export async function linkAccount(
  deps: Deps,
  session: Session,
  sessionToken: string,
  claimed: ClaimedAnswer,
): Promise<LinkOutcome> {
  const link = claimed.request.link ?? "";
  const asked = await requireLink(deps, session, link);
  const provider = toProvider(claimed.claimed.provider);
  if (claimed.answer.get("error") === "access_denied") return { kind: "refused", link, provider: provider.name };
  const redeemed = await redeemAnswer(deps, claimed);
  await refuseUnasked(deps, redeemed, asked.account?.scopes ?? [], claimed);
  for (let tries = 0; tries < TRIES; tries++) {
    const existing = await findLinkedAccount(deps.db, session.userId, provider.slug);
    if (existing && existing.subject !== redeemed.person.subject) {
      await revokeAtProvider(redeemed.upstream, redeemed.tokens);
      const { id, label } = existing;
      const linked = { id, label };
      return { kind: "other_account", link, provider: provider.name, label: redeemed.person.label, linked };
    }
    if (await store(deps, session, claimed, redeemed, existing)) {
      // An account that granted less than was requested isn't sent back at once: the server's tools say what is
      // missing.
      const { location } = await goOn(deps, sessionToken, asked, [provider.slug]);
      return { kind: "redirect", location };
    }
  }
  // The link was used meanwhile, or the person has signed out.
  await revokeAtProvider(redeemed.upstream, redeemed.tokens);
  await requireLink(deps, session, link);
  throw providerFailed(deps, provider.slug, "This could not be saved", "lost every race");
}

async function store(
  deps: Deps,
  { userId }: Session,
  { state, request, claimed }: ClaimedAnswer,
  { tokens, person }: Redemption,
  existing: LinkedAccount | null,
): Promise<boolean> {
  const id = existing?.id ?? crypto.randomUUID();
  const version = (existing?.version ?? 0) + 1;
  const place = { userId, provider: claimed.provider.slug, id, version };
  // Some providers give a refresh token only the first time.
  const kept = existing && tokens.refreshToken === null ? (await openAccount(deps, existing)).refreshToken : null;
  const secret = { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? kept };
  const account = {
    id,
    replaces: existing?.version ?? null,
    subject: person.subject,
    label: person.label,
    scopes: tokens.scopes,
    expiresInSeconds: tokens.expiresInSeconds,
    secret: await sealAccount(deps, place, secret),
  };
  const stateDigest = await sha256(state);
  const linkDigest = await sha256(request.link ?? "");
  return storeLinkedAccount(deps.db, { stateDigest, linkDigest, account }, deps.actor);
}

/** Refuses an account if its provider granted more of the offered scopes than were requested. */
async function refuseUnasked(
  deps: Deps,
  { tokens, upstream }: Redemption & { readonly upstream: Upstream },
  before: readonly string[],
  { request }: ClaimedAnswer,
): Promise<void> {
  const { slug, name, scopes, description } = upstream.provider;
  const asked = [...request.scopes, ...before, ...description.accountScopes];
  const unasked = tokens.scopes.filter(
    (scope) => !asked.includes(scope) && scopes.some((offered) => offered.name === scope),
  );
  if (unasked.length === 0) return;
  await revokeAtProvider(upstream, tokens);
  throw providerFailed(
    deps,
    slug,
    `${name} granted more than was requested, so its answer was thrown away`,
    "unasked scope",
  );
}

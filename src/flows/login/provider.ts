import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { mayJoin, membershipRules } from "../../oauth/joining.ts";
import { listFollowedRules } from "../../store/followed-groups.ts";
import { findAddressFacts, insertMember, type PresentedIdentity, signInWithIdentity } from "../../store/identities.ts";
import { findProvider, listSignInProviders, type SignInButton } from "../../store/providers.ts";
import { type ClaimedAnswer, providerFailed, redeemAnswer } from "../provider/callback.ts";
import { askMemberships, findVerifiedEmail } from "../provider/person-facts.ts";
import type { Redemption } from "../provider/redeem.ts";
import { redirectToProvider } from "../provider/request.ts";
import { revokeAtProvider } from "../provider/revoke.ts";
import { toProvider, type Upstream } from "../provider/upstream.ts";
import { askGroups, followGroups } from "./follow-groups.ts";
import { type LoginCookies, mintSession, type SignInCookies } from "./new-session.ts";
import { accountKey, sealRememberedBrowser } from "./remembered-browser.ts";

/** The providers that the sign-in page offers. Without a vault there are none, so the database isn't asked. */
export const readSignInProviders = async ({ db, config }: Deps): Promise<readonly SignInButton[]> =>
  config.vaultKeys.length > 0 ? listSignInProviders(db) : [];

type Begin = {
  readonly provider: string;
  readonly browser: string;
  readonly returnTo: string;
  readonly loginHint: string | null;
  /** Whether the browser was signed in. Then the provider is asked to sign the person in again. */
  readonly again: boolean;
};

/** Sends somebody to a provider to sign in. */
export async function beginProviderSignIn(deps: Deps, begin: Begin): Promise<{ readonly location: string }> {
  const [provider, groups] = await Promise.all([
    findProvider(deps.db, begin.provider),
    listFollowedRules(deps.db, begin.provider),
  ]);
  // Providers only reveal memberships if they are requested.
  const rules = [...(provider?.joining ?? []), ...groups.map(({ rule }) => rule)];
  const asksMemberships = membershipRules(rules).length > 0;
  return redirectToProvider(deps, {
    provider: begin.provider,
    purpose: "sign_in",
    browser: begin.browser,
    scopes: asksMemberships ? ["read:org"] : [],
    link: null,
    returnTo: begin.returnTo,
    signInAnew: begin.again,
    loginHint: begin.loginHint,
  });
}

/**
 * Signs in a person who comes back from a provider. Null if they declined there. A known identity signs in, and an
 * unknown one makes a member if the owner's rules admit it. An address that belongs to an existing person never links
 * by itself.
 */
export async function signInWithProvider(
  deps: Deps,
  claimed: ClaimedAnswer,
  cookies: LoginCookies,
): Promise<SignInCookies | null> {
  if (claimed.answer.get("error") === "access_denied") return null;
  const redeemed = await redeemAnswer(deps, claimed);
  try {
    return await signIn(deps, claimed, redeemed, cookies);
  } finally {
    // An identity needs no token, so the token is ended. Only GitHub can end one without ending all others that the
    // person has given us.
    if (redeemed.upstream.provider.description.revocation === "github") {
      deps.defer(revokeAtProvider(redeemed.upstream, redeemed.tokens));
    }
  }
}

async function signIn(
  deps: Deps,
  claimed: ClaimedAnswer,
  redeemed: Upstreamed,
  cookies: LoginCookies,
): Promise<SignInCookies> {
  const { token, session } = await mintSession(deps, cookies);
  const identity = await identityOf(claimed, redeemed);
  const groups = await askGroups(deps, redeemed);
  // Groups are updated before the sign-in, so that nobody uses what the provider has just taken from them.
  await followGroups(deps, identity, groups);
  const proven = { session, authenticatedAt: authenticatedAt(deps, claimed, redeemed) };
  const known = await signInWithIdentity(deps.db, identity, proven, deps.actor);
  const email = known ?? (await join(deps, claimed, redeemed, identity, proven));
  if (known === null) await followGroups(deps, identity, groups);
  return {
    session: token,
    browser: await sealRememberedBrowser(deps, await accountKey(deps, email), deps.now().getTime()),
  };
}

export async function identityOf(
  { state, claimed }: ClaimedAnswer,
  { person }: Redemption,
): Promise<PresentedIdentity> {
  const { subject, label } = person;
  return { stateDigest: await sha256(state), provider: claimed.provider.slug, subject, label };
}

/**
 * When the person proved who they are: when the provider says, or now if it was made to ask them. Otherwise nobody
 * knows, and it never counts as a fresh sign-in. If a provider that always says when doesn't, somebody has changed the
 * request: at a browser that was left open, `prompt` and `max_age` can be taken out of the address.
 */
function authenticatedAt({ now }: Deps, { request }: ClaimedAnswer, { person, upstream }: Upstreamed): Date {
  if (person.authenticatedAt !== null) return new Date(Math.min(person.authenticatedAt * 1000, now().getTime()));
  const { kind, description } = upstream.provider;
  const isAsked = request.signInAnew && kind === "openid" && !description.tellsSignInTime;
  return isAsked ? now() : new Date(0);
}

type Upstreamed = Redemption & { readonly upstream: Upstream };

async function join(
  deps: Deps,
  claimed: ClaimedAnswer,
  redeemed: Upstreamed,
  identity: PresentedIdentity,
  proven: Parameters<typeof insertMember>[2],
): Promise<string> {
  const provider = toProvider(claimed.claimed.provider);
  const { person, upstream } = redeemed;
  const found = await findVerifiedEmail(upstream, redeemed);
  if (!found.ok)
    throw providerFailed(deps, provider.slug, `${provider.name} could not be asked who you are`, found.problem);
  const verifiedEmail = found.value;
  const { isTaken, isInvited } = await findAddressFacts(deps.db, verifiedEmail, deps.now());
  // Of two at once, one has joined. The other signs in as the member that the first has made.
  const signInAfterAll = async () => {
    const known = await signInWithIdentity(deps.db, identity, proven, deps.actor);
    if (known === null) throw refuse(deps, TAKEN);
    return known;
  };
  if (isTaken) return signInAfterAll();
  const rules = membershipRules(provider.joining);
  const answers = await askMemberships(upstream, redeemed, rules);
  const facts = { ...person, verifiedEmail, isInvited, memberships: rules.filter((rule) => answers.get(rule)) };
  if (!mayJoin(provider.joining, facts)) {
    if (!rules.some((rule) => answers.get(rule) === null)) throw refuse(deps, NOT_ADMITTED);
    throw providerFailed(deps, provider.slug, `${provider.name} could not be asked where you belong`, "no memberships");
  }
  const email = verifiedEmail ?? `${await shortHash(person.subject)}@${provider.slug}.invalid`;
  const userId = crypto.randomUUID();
  const byInvitation = isInvited && provider.joining.includes("invited");
  const joined = await insertMember(deps.db, { ...identity, userId, email, byInvitation }, proven, deps.actor);
  if (joined === "void") throw refuse(deps, NOT_ADMITTED);
  return joined === "joined" ? email : signInAfterAll();
}

/**
 * Stands in for the address of a person whose provider reveals no verified one. No mail can be sent to it (RFC 6761
 * §6.4).
 */
const shortHash = async (subject: string): Promise<string> =>
  [...(await sha256(subject)).subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const TAKEN =
  "There is already an account with this address. Sign in to it in another way, and add this sign-in on its security page.";
const NOT_ADMITTED = "Nobody here knows this account. Ask the owner of this service to invite you.";

function refuse(deps: Deps, sentence: string): OAuthError {
  auditRefusal(deps, { name: "identity_refused" });
  return new OAuthError("access_denied", sentence, { status: 403, reason: "identity_unknown" });
}

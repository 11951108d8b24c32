import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type ConnectLink, consumeConnectLink, findConnectLink } from "../../store/connect-links.ts";
import { finishAuthorization, openAllowedConsent } from "../authorize/finish.ts";
import type { Session } from "../login/session.ts";
import { redirectToProvider } from "../provider/request.ts";
import { describeScopes, type NeededScope } from "./needed-account.ts";

/** The content of a link's page: the server that asks, the app that it asks through, and the account that it needs. */
export type ConnectView = {
  readonly link: string;
  readonly client: string;
  readonly resource: { readonly name: string; readonly uri: string };
  readonly provider: string;
  readonly scopes: readonly NeededScope[];
  readonly reasons: readonly string[];
  /** The linked account that needs more permissions, or null. */
  readonly label: string | null;
  /** Whether a consent waits for it, so that it can be skipped. */
  readonly isDetour: boolean;
};

/**
 * Opens a link for the person that it was made for. It grants nothing by itself, so sending it to somebody else
 * achieves nothing.
 */
export async function openConnectLink(deps: Deps, session: Session, link: string): Promise<ConnectView> {
  const asked = await requireLink(deps, session, link);
  const { client, resource, provider, account } = asked;
  return {
    link,
    client: client.name,
    resource,
    provider: provider.name,
    scopes: describeScopes(asked.scopes, provider.scopes, account?.scopes ?? []),
    reasons: asked.reasons,
    label: account?.label ?? null,
    isDetour: asked.pending !== null,
  };
}

/**
 * Continues from a link. Usually that leads to the provider, for what the linked account lacks. If the account has
 * everything and only the server wasn't allowed to use it, it needs no trip there.
 */
export async function startConnecting(
  deps: Deps,
  session: Session,
  sessionToken: string,
  link: string,
): Promise<{ readonly location: string }> {
  const asked = await requireLink(deps, session, link);
  if (await consumeConnectLink(deps.db, await sha256(link), { skip: false }, deps.actor)) {
    return goOn(deps, sessionToken, asked, []);
  }
  const { account, provider } = asked;
  return redirectToProvider(deps, {
    provider: provider.slug,
    purpose: "account",
    browser: sessionToken,
    // Also asks for what the account already has, since some providers only grant what was requested last.
    scopes: [...new Set([...asked.scopes, ...(account?.scopes ?? [])])],
    link,
    returnTo: null,
    signInAnew: false,
    loginHint: null,
  });
}

/** Continues without linking. The grant stays as it is, and the server's tools say what is missing. */
export async function skipConnecting(
  deps: Deps,
  session: Session,
  sessionToken: string,
  link: string,
): Promise<{ readonly location: string }> {
  const asked = await requireLink(deps, session, link);
  if (!(await consumeConnectLink(deps.db, await sha256(link), { skip: true }, deps.actor))) throw startAgain();
  return goOn(deps, sessionToken, asked, [asked.provider.slug]);
}

/** Where a person goes after a link: to the consent that waits, or to their accounts. */
export async function goOn(
  deps: Deps,
  sessionToken: string,
  { pending }: Pick<ConnectLink, "pending">,
  skipped: readonly string[],
): Promise<{ readonly location: string }> {
  if (pending === null) return { location: `${deps.config.issuer}/account/linked?done=linked` };
  const consent = await openAllowedConsent(deps, sessionToken, pending);
  if (!consent) throw startAgain();
  return finishAuthorization(deps, sessionToken, { ...consent, skipped: [...consent.skipped, ...skipped] });
}

export async function requireLink(deps: Deps, session: Session, link: string): Promise<ConnectLink> {
  const isOurs = await isPlausibleToken(deps.keys, TOKEN_KIND.connectLink, link);
  const asked = isOurs ? await findConnectLink(deps.db, await sha256(link), deps.now()) : null;
  if (!asked) throw startAgain();
  if (asked.userId !== session.userId) {
    // Otherwise somebody could send their link to another person, whose tokens would then be stored under the sender's
    // account.
    throw new OAuthError(
      "access_denied",
      "This link was made for somebody else. If you are not the person who is signed in here, sign out and open it again.",
      { status: 403, reason: "foreign_link" },
    );
  }
  return asked;
}

const startAgain = () =>
  new OAuthError(
    "invalid_request",
    "This link works once, for ten minutes, and no longer works. Go back to where it came from and start again.",
    { reason: "link_void" },
  );

import { auditRefusal, type Deps } from "../../deps.ts";
import { mintToken } from "../../lib/token.ts";
import { nameApp } from "../../oauth/app-name.ts";
import {
  type AuthorizationTarget,
  errorLocation,
  proveTarget,
  readAuthorizationRequest,
} from "../../oauth/authorization-request.ts";
import { type ClientTrust, clientTrust } from "../../oauth/client-trust.ts";
import { durationChoices } from "../../oauth/connection-duration.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { type Params, readParams } from "../../oauth/params.ts";
import { type Prompt, readPrompt, signedInSince } from "../../oauth/prompt.ts";
import { needsByScope } from "../../oauth/provider-needs.ts";
import { type RedirectTarget, redirectTarget } from "../../oauth/redirect-uri.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { AuthorizationContext } from "../../store/authorization-contexts.ts";
import type { PreviousGrant } from "../../store/previous-grant.ts";
import type { Resource, ResourceScope } from "../../store/resources.ts";
import { describeNeeds, type NeededAccount } from "../linked/needed-account.ts";
import { type AppToReturnTo, sealReturnTo } from "../login/return-to.ts";
import { recordRefusal } from "../record-refusal.ts";
import { type HeldAppView, holdApp, type RefusedAppView, refuseApp } from "./app-admission.ts";
import { findContext, isUpToDate } from "./authorization-context.ts";
import { sealConsentForm } from "./consent-form.ts";

/** An authorization request as it came, and when it first came. */
export type AuthorizationQuery = {
  readonly query: readonly (readonly [string, string])[];
  readonly requestedAt: Date;
};

/** What the browser should do next about an authorization request. */
export type AuthorizationStep =
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "sign_in"; readonly returnTo: string; readonly loginHint: string | null }
  | { readonly kind: "no_access"; readonly view: NoAccessView }
  | { readonly kind: "app_held"; readonly view: HeldAppView; readonly email: string; readonly returnTo: string }
  | { readonly kind: "app_refused"; readonly view: RefusedAppView; readonly returnTo: string }
  | { readonly kind: "consent"; readonly form: string; readonly view: ConsentView };

/** The page for a person who may not use the server that an app asks for. */
export type NoAccessView = {
  readonly resource: Pick<Resource, "name">;
  /** The owners to ask for access. */
  readonly owners: readonly string[];
  readonly email: string;
  /** The sealed way back here, so that somebody else can sign in. */
  readonly returnTo: string;
  /** The way back to the app, which learns that it got nothing. */
  readonly location: string;
};

/** The question to a person about an app, in the browser or on a device. */
export type ConsentQuestion = {
  readonly client: { readonly name: string; readonly trust: ClientTrust };
  readonly resource: Pick<Resource, "name" | "uri" | "accessSeconds">;
  readonly scopes: readonly ResourceScope[];
  /** How long the connection may last, in seconds, longest first. */
  readonly durations: readonly number[];
  /** The accounts elsewhere that the server needs, if all scopes are granted. */
  readonly accounts: readonly NeededAccount[];
  /** What the person last granted this app for this resource, if anything. */
  readonly previous: PreviousGrant | null;
};

/** The content of the consent page. */
export type ConsentView = ConsentQuestion & {
  readonly email: string;
  /** The sealed way back here, so that somebody else can sign in, and to show the page again. */
  readonly returnTo: string;
  readonly goesTo: RedirectTarget;
};

/**
 * Decides the next step of an authorization request (OAuth 2.1 §4.1.1). It decides afresh from the request and the
 * session each time. Throws errors that have to be shown to the person. Those that the client may learn are redirects.
 */
export async function evaluateAuthorization(
  deps: Deps,
  { query, requestedAt }: AuthorizationQuery,
  sessionToken: string | null,
): Promise<AuthorizationStep> {
  const params = readParams(query);
  const context = await findContext(deps, params, sessionToken);
  const app = appToReturnTo(params, context);
  const returnTo = await sealReturnTo(deps, { path: "/authorize", query, requestedAt, app });
  const refused = refuseApp(deps, params, context);
  if (refused) return { kind: "app_refused", view: refused, returnTo };
  const signIn = {
    kind: "sign_in",
    returnTo,
    loginHint: params.values.get("login_hint") ?? null,
  } as const;
  if (!context.session && !isUpToDate(deps, params, context)) {
    assertNotSilent(params, context);
    return signIn;
  }
  const target = proveTarget(params, context.client, deps.config.issuer);
  try {
    const prompt = assertNotSilent(params, context);
    if (!isSignedInSince(context, signedInSince(prompt, requestedAt, deps.now()))) return signIn;
    return await askConsent(deps, params, target, context, sessionToken ?? "", returnTo);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (mayRedirect(context)) return refuseToClient(deps, target, context, error);
    if (error.code === "login_required") throw error;
    return signIn;
  }
}

/**
 * Apps show little of the errors that they get, so the owner has to find them in the log, by time and app or by the
 * request id.
 */
function refuseToClient(
  deps: Deps,
  target: AuthorizationTarget,
  { client }: AuthorizationContext,
  error: OAuthError,
): AuthorizationStep {
  const { code, reason, message } = error;
  deps.log({
    level: "info",
    event: "refused",
    route: "/authorize",
    error: code,
    reason,
    clientId: client?.id ?? null,
  });
  recordRefusal(deps, "authorize", client?.id ?? null, error);
  const referred = new OAuthError(code, `${message} Reference: ${deps.requestId}`, { reason });
  return { kind: "redirect", location: errorLocation(target, referred) };
}

const isSignedInSince = ({ session }: AuthorizationContext, since: Date | null): boolean =>
  session !== null && session.authenticatedAt >= (since?.getTime() ?? 0);

/** A faulty link must not send a stranger's browser to an address that a self-registered client chose. */
const mayRedirect = ({ session, client }: AuthorizationContext): boolean =>
  session !== null || client?.approved === true;

/** The app that the sign-in leads back to. */
function appToReturnTo({ values }: Params, { client }: AuthorizationContext): AppToReturnTo | null {
  const name = nameApp(client, values.get("client_id") ?? "");
  return name === null ? null : { name, approved: client?.approved ?? false };
}

/** Consent is asked for every time, so a request that allows no page can't succeed (OpenID Connect Core §3.1.2.6). */
function assertNotSilent(params: Params, { session }: AuthorizationContext): Prompt {
  const prompt = readPrompt(params);
  if (!prompt.silent) return prompt;
  throw session
    ? new OAuthError("consent_required", "The person has to be asked.", { reason: "interaction_required" })
    : new OAuthError("login_required", "The person has to sign in.", { reason: "interaction_required" });
}

/** Whether a person may use nothing of the server that was asked for. */
const isShutOut = ({ client, resource, allowedScopes }: AuthorizationContext): boolean =>
  resource !== null &&
  resource.scopes.length > 0 &&
  allowedScopes.length === 0 &&
  (client?.resourceId ?? resource.id) === resource.id;

/**
 * The resource with only the scopes that its person may have. If they may have none of the default ones, all that they
 * may have become the default.
 */
function offeredTo({ resource, allowedScopes }: AuthorizationContext): Resource | null {
  const scopes = resource?.scopes.filter(({ name }) => allowedScopes.includes(name)) ?? [];
  const hasDefault = scopes.some(({ isDefault }) => isDefault);
  return (
    resource && { ...resource, scopes: hasDefault ? scopes : scopes.map((each) => ({ ...each, isDefault: true })) }
  );
}

/** The person learns whom to ask. The app only learns that access was denied. */
function refuseAccess(
  deps: Deps,
  target: AuthorizationTarget,
  { session, client, resource, owners }: AuthorizationContext,
  returnTo: string,
): AuthorizationStep {
  auditRefusal(deps, { name: "access_refused", userId: session?.userId ?? null, clientId: client?.id ?? null });
  const denied = new OAuthError("access_denied", "The person may not use this server.", { reason: "access_removed" });
  recordRefusal(deps, "authorize", client?.id ?? null, denied);
  const location = errorLocation(target, denied);
  const name = resource?.name ?? "";
  return { kind: "no_access", view: { resource: { name }, owners, email: session?.email ?? "", returnTo, location } };
}

async function askConsent(
  deps: Deps,
  params: Params,
  target: AuthorizationTarget,
  context: AuthorizationContext,
  sessionToken: string,
  returnTo: string,
): Promise<AuthorizationStep> {
  const { session, client } = context;
  if (!session || !client) throw new Error("consent needs a person and a client");
  if (isShutOut(context)) return refuseAccess(deps, target, context, returnTo);
  const { resource, scopes, codeChallenge, dpopJkt } = readAuthorizationRequest(params, offeredTo(context), client);
  if (context.admission.decision === "ask") {
    const view = await holdApp(deps, context, { resource, scopes, target }, sessionToken);
    return { kind: "app_held", view, email: session.email, returnTo };
  }
  const durations = durationChoices(deps.config.lifetimes.familySeconds, resource.maxFamilySeconds);
  const allowed = context.providers.map(({ slug }) => slug);
  const form = await sealConsentForm(deps, sessionToken, {
    code: await mintToken(deps.keys, TOKEN_KIND.authorizationCode),
    clientId: client.id,
    clientFingerprint: client.fingerprint,
    resourceId: resource.id,
    scopes: [...scopes],
    redirectUri: target.redirectUri,
    state: target.state,
    codeChallenge,
    dpopJkt,
    durations,
    needs: needsByScope(resource.scopes, scopes, allowed),
    shownAt: deps.now().getTime(),
  });
  return {
    kind: "consent",
    form,
    view: {
      email: session.email,
      returnTo,
      client: { name: client.name, trust: clientTrust(client) },
      goesTo: redirectTarget(target.redirectUri),
      resource,
      scopes: resource.scopes.filter((scope) => scopes.includes(scope.name)),
      durations,
      previous: context.previous,
      accounts: describeNeeds(resource.scopes, scopes, context.providers),
    },
  };
}

import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { hostOfUri } from "../../lib/uri-host.ts";
import { nameApp } from "../../oauth/app-name.ts";
import { type AuthorizationTarget, errorLocation, proveTarget } from "../../oauth/authorization-request.ts";
import { type ClientTrust, clientTrust } from "../../oauth/client-trust.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import type { SessionKey } from "../../store/actor.ts";
import { holdAppRequest, type NewAppRequest } from "../../store/app-requests.ts";
import type { AuthorizationContext } from "../../store/authorization-contexts.ts";
import type { Resource } from "../../store/resources.ts";
import { recordRefusal } from "../record-refusal.ts";
import { tellOwner } from "../webhook.ts";

/** The page for a person while the owner is asked about an app. */
export type HeldAppView = {
  readonly client: { readonly name: string; readonly trust: ClientTrust };
  readonly resource: Pick<Resource, "name">;
  /** The request's reference on the owner's page. */
  readonly reference: string;
  /** Back to the app, which learns that it got nothing. */
  readonly location: string;
};

/** The page for a person about an app that the owner keeps out. */
export type RefusedAppView = {
  readonly app: string;
  readonly email: string;
  /** The way back to the app. Null if nothing may be sent there. */
  readonly location: string | null;
};

/** Stores a person's request, and has the owner told about it the first time. */
export async function holdApp(
  deps: Deps,
  { session, client }: AuthorizationContext,
  request: { readonly resource: Resource; readonly scopes: readonly string[]; readonly target: AuthorizationTarget },
  sessionToken: string,
): Promise<HeldAppView> {
  if (!session || !client) throw new Error("a request needs a person and a client");
  const reference = await hold(deps, {
    session: { digest: await sha256(sessionToken), idleSeconds: deps.config.lifetimes.sessionIdleSeconds },
    clientId: client.id,
    resourceId: request.resource.id,
    scopes: request.scopes,
    redirectHost: hostOfUri(request.target.redirectUri),
  });
  const { name } = request.resource;
  const shown = { name: client.name, trust: clientTrust(client) };
  return { client: shown, resource: { name }, reference, location: errorLocation(request.target, NOT_YET) };
}

/** Stores a request for the owner. Returns its reference on their page. */
export async function hold(deps: Deps, request: Omit<NewAppRequest, "id"> & { session: SessionKey }): Promise<string> {
  const held = await holdAppRequest(deps.db, { ...request, id: crypto.randomUUID() }, deps.actor);
  if (!held) {
    throw new OAuthError("access_denied", "You are already waiting for the owner's approval of too many apps.", {
      status: 403,
      reason: "app_held",
    });
  }
  if (held.isNew) deps.defer(tellOwner(deps, held.id));
  return held.id.slice(0, 8);
}

const NOT_YET = new OAuthError("access_denied", "The owner of the server has to approve this app first.");

/** The page for a signed-in person about an app that a rule keeps out, which is recorded. Null for any other app. */
export function refuseApp(deps: Deps, params: Params, context: AuthorizationContext): RefusedAppView | null {
  const { session, client, admission } = context;
  if (!session || admission.decision !== "refuse") return null;
  const clientId = params.values.get("client_id") ?? "";
  auditRefusal(deps, { name: "app_refused", userId: session.userId, clientId: client?.id ?? null });
  const refused = new OAuthError("access_denied", "The owner doesn't allow this app.", { reason: "app_refused" });
  recordRefusal(deps, "authorize", clientId, refused);
  const app = nameApp(client, clientId) ?? "This app";
  return { app, email: session.email, location: deniedLocation(deps, params, context, refused) };
}

/**
 * Where an app learns that it is kept out. Null if it can't prove its redirect URI, or if nothing may be sent there.
 */
function deniedLocation(
  { config }: Deps,
  params: Params,
  { client, admission }: AuthorizationContext,
  refused: OAuthError,
): string | null {
  if (admission.refusesAnswer || !params.values.has("redirect_uri")) return null;
  try {
    return errorLocation(proveTarget(params, client, config.issuer), refused);
  } catch {
    return null;
  }
}

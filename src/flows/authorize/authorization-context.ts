import type { Deps } from "../../deps.ts";
import { hostOfUri } from "../../lib/uri-host.ts";
import { isDocumentUrl } from "../../oauth/client-document.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { namedScopes } from "../../oauth/scope.ts";
import { type AuthorizationContext, findAuthorizationContext } from "../../store/authorization-contexts.ts";
import { assertDocumentUrl, refreshDocumentClient } from "../client/document.ts";
import { sessionKey } from "../login/session.ts";

/**
 * Finds the facts by which an authorization request is judged. On the way it updates a client with a metadata document,
 * but only for a signed-in person, so that strangers can't make this server fetch anything, and never from a host that a
 * rule keeps out.
 */
export async function findContext(
  deps: Deps,
  params: Params,
  sessionToken: string | null,
): Promise<AuthorizationContext> {
  const clientId = params.values.get("client_id");
  if (clientId === undefined) {
    throw new OAuthError("invalid_request", "The app didn't identify itself: client_id is missing.");
  }
  if (isDocumentUrl(clientId)) assertDocumentUrl(deps, clientId);
  const [resource] = params.resources;
  const query = {
    session: await sessionKey(deps, sessionToken),
    clientId,
    redirectHost: hostOfUri(params.values.get("redirect_uri") ?? ""),
    // A resource that isn't a URL matches none.
    resourceUri: resource === undefined ? null : (canonicalResource(resource) ?? ""),
    scopes: namedScopes(params.values.get("scope")),
  };
  const context = await findAuthorizationContext(deps.db, query, deps.now());
  if (!isDocumentUrl(clientId) || !context.session || context.admission.decision === "refuse") return context;
  const changed = await refreshDocumentClient(deps, clientId, context.client?.document ?? null);
  return changed ? findAuthorizationContext(deps.db, query, deps.now()) : context;
}

/**
 * Whether the stored client can be judged. A document that is new or stale can't be, and is fetched once the person has
 * signed in.
 */
export function isUpToDate({ now }: Deps, { values }: Params, { client }: AuthorizationContext): boolean {
  if (!isDocumentUrl(values.get("client_id") ?? "")) return true;
  return client?.document != null && now().getTime() < client.document.freshUntil;
}

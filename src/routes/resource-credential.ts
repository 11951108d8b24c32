import type { ResourceCredential } from "../flows/resource-credential.ts";
import { readBasicCredentials, sentTwice } from "../oauth/client-authentication.ts";
import type { Params } from "../oauth/params.ts";

/**
 * The credential of a resource (RFC 7662 §2.1). It comes as Basic or Bearer in the Authorization header, or in the body
 * like a client secret, as generic verifiers send it. Null for anything else.
 */
export function readResourceCredential(authorization = "", params?: Params): ResourceCredential | null {
  const [resourceId, secret] = [params?.values.get("client_id"), params?.values.get("client_secret")];
  if (secret !== undefined) {
    if (authorization !== "") throw sentTwice();
    return resourceId === undefined ? null : { resourceId, secret };
  }
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { resourceId: null, secret: bearer };
  const basic = readBasicCredentials(authorization);
  return basic && { resourceId: basic.username, secret: basic.password };
}

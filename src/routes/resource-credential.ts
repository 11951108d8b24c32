import type { ResourceCredential } from "../flows/resource-credential.ts";
import { readBasicCredentials, sentTwice } from "../oauth/client-authentication.ts";
import type { Params } from "../oauth/params.ts";

/**
 * The credential of a resource (RFC 7662 §2.1): Basic or Bearer in the Authorization header, or like a client's secret in the body, as
 * generic verifiers send it. null for anything else.
 */
export function readResourceCredential(header: string | undefined, params?: Params): ResourceCredential | null {
  const authorization = header ?? "";
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

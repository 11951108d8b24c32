import type { ResourceCredential } from "../flows/resource-credential.ts";
import { readBasicCredentials } from "../oauth/client-authentication.ts";

/** The credential of a resource in an Authorization header, Basic or Bearer; null for anything else. */
export function readResourceCredential(authorization: string): ResourceCredential | null {
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { resourceId: null, secret: bearer };
  const basic = readBasicCredentials(authorization);
  return basic && { resourceId: basic.username, secret: basic.password };
}

import { introspect, type ResourceCredential } from "../flows/introspect.ts";
import { readBasicCredentials } from "../oauth/client-authentication.ts";
import type { AppContext } from "./app-env.ts";

/** `POST /introspect` (RFC 7662 §2). */
export async function postIntrospect(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  return c.json(await introspect(deps, readCredential(c.req.header("Authorization") ?? ""), params));
}

function readCredential(authorization: string): ResourceCredential | null {
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { resourceId: null, secret: bearer };
  const basic = readBasicCredentials(authorization);
  return basic && { resourceId: basic.username, secret: basic.password };
}

import { introspect } from "../flows/introspect.ts";
import type { AppContext } from "./app-env.ts";
import { readResourceCredential } from "./resource-credential.ts";

/** `POST /introspect` (RFC 7662 §2). */
export async function postIntrospect(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  return c.json(await introspect(deps, readResourceCredential(c.req.header("Authorization"), params), params));
}

import { revoke } from "../flows/revoke.ts";
import { readClientAuthentication } from "../oauth/client-authentication.ts";
import type { AppContext } from "./app-env.ts";

/** `POST /revoke` (RFC 7009 §2). */
export async function postRevoke(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  await revoke(deps, readClientAuthentication(c.req.header("Authorization") ?? null, params), params);
  return c.body(null, 200);
}

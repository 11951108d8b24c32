import { revoke } from "../flows/revoke.ts";
import type { AppContext } from "./app-env.ts";
import { authenticationOf } from "./client-authentication.ts";

/** `POST /revoke` (RFC 7009 §2). */
export async function postRevoke(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  await revoke(deps, authenticationOf(c, "revoke"), params);
  return c.body(null, 200);
}

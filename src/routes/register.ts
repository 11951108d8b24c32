import { registerClient } from "../flows/client/register.ts";
import type { AppContext } from "./app-env.ts";
import { readJson } from "./middleware/body.ts";

/** `POST /register` (RFC 7591 §3). */
export async function postRegister(c: AppContext): Promise<Response> {
  const information = await registerClient(c.var.deps, await readJson(c, "invalid_client_metadata"));
  return c.json(information, 201);
}

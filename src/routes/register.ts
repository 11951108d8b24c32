import {
  type ClientManager,
  deleteRegistration,
  readRegistration,
  replaceRegistration,
} from "../flows/client/manage.ts";
import { registerClient } from "../flows/client/register.ts";
import type { AppContext } from "./app-env.ts";
import { idOf } from "./fields.ts";
import { readJson } from "./middleware/body.ts";

/** `POST /register` (RFC 7591 §3). */
export async function postRegister(c: AppContext): Promise<Response> {
  const input = readJson(c, "invalid_client_metadata");
  return c.json(await registerClient(c.var.deps, readBearer(c), input), 201);
}

/** `GET /register/:id` (RFC 7592 §2.1). */
export const getRegistration = async (c: AppContext): Promise<Response> =>
  c.json(await readRegistration(c.var.deps, readManager(c)));

/** `PUT /register/:id` (RFC 7592 §2.2). */
export async function putRegistration(c: AppContext): Promise<Response> {
  const input = readJson(c, "invalid_client_metadata");
  return c.json(await replaceRegistration(c.var.deps, readManager(c), input));
}

/** `DELETE /register/:id` (RFC 7592 §2.3). */
export async function deleteRegistrationRoute(c: AppContext): Promise<Response> {
  await deleteRegistration(c.var.deps, readManager(c));
  return c.body(null, 204);
}

/** A value that is missing or can't be right becomes empty, and is refused like any other wrong one. */
const readManager = (c: AppContext): ClientManager => ({
  clientId: /^[\w-]+$/.test(idOf(c)) ? idOf(c) : "",
  token: readBearer(c) ?? "",
});

const readBearer = (c: AppContext): string | null =>
  /^bearer +(\S+)$/i.exec(String(c.req.header("Authorization")))?.[1] ?? null;

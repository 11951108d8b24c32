import type { Answer } from "./answer.ts";
import { authMethods } from "./client-identification.ts";
import type { WalkingClient } from "./evidence.ts";

type Fields = Readonly<Record<string, string>>;
type Credentials = { readonly fields: Fields; readonly headers: Fields };

/** How a client says to the token endpoint which one it is: by its id, or with its secret (RFC 6749 §2.3.1). */
export function credentialsOf({ clientId, secret }: WalkingClient, metadata: Answer["json"]): Credentials {
  if (!secret) return { fields: { client_id: clientId }, headers: {} };
  const methods = authMethods(metadata);
  return methods.includes("client_secret_post") && !methods.includes("client_secret_basic")
    ? { fields: { client_id: clientId, client_secret: secret }, headers: {} }
    : { fields: {}, headers: { Authorization: `Basic ${basicOf(clientId, secret)}` } };
}

/** The secret in each form in which it is sent, since a server may repeat any of them. */
export const secretForms = ({ clientId, secret }: WalkingClient): readonly string[] =>
  secret ? [basicOf(clientId, secret), secret, formEncode(secret)] : [];

/** The id and the secret are form-encoded first, so that a colon in the id doesn't end it. */
const basicOf = (clientId: string, secret: string): string =>
  Buffer.from(`${formEncode(clientId)}:${formEncode(secret)}`).toString("base64");

const formEncode = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

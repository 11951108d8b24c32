import { decodeJwt } from "jose";
import { ASSERTION_TYPE } from "./client-assertion.ts";
import { OAuthError } from "./errors.ts";
import type { Params } from "./params.ts";

/** How a client authenticated itself, before anything was compared (RFC 6749 §2.3). */
export type ClientAuthentication =
  | { readonly clientId: string; readonly method: "none" }
  | {
      readonly clientId: string;
      readonly method: "client_secret_basic" | "client_secret_post";
      readonly secret: string;
    }
  | {
      readonly clientId: string;
      readonly method: "private_key_jwt";
      readonly assertion: string;
      /** The URL of the endpoint that received it. */
      readonly endpoint: string;
    };

/** 401 with a challenge, as RFC 6749 §5.2 and RFC 9110 §15.5.2 ask. */
export const invalidClient = (description: string, reason: OAuthError["reason"]) =>
  new OAuthError("invalid_client", description, { status: 401, reason, challenge: "Basic" });

/**
 * Reads client credentials from the Authorization header or the body, never from both (RFC 6749 §2.3.1). An empty
 * secret counts as absent, because some clients send `client_secret=` or a Basic header that ends in a colon. A Bearer
 * token isn't a client credential (RFC 6750). Some clients send their token with every request, so it is ignored if the
 * body names the client.
 */
export function readClientAuthentication(
  authorization: string | null,
  { values }: Params,
  endpoint: string,
): ClientAuthentication {
  const bodyId = values.get("client_id");
  const bodySecret = values.get("client_secret");
  const assertion = values.get("client_assertion");
  if (authorization !== null && !(bodyId !== undefined && /^bearer /i.test(authorization))) {
    if (bodySecret !== undefined || assertion !== undefined) throw sentTwice();
    return readBasic(authorization, bodyId);
  }
  if (assertion !== undefined) {
    if (bodySecret !== undefined) throw sentTwice();
    const clientId = readAssertedClient(assertion, values.get("client_assertion_type"), bodyId);
    return { clientId, method: "private_key_jwt", assertion, endpoint };
  }
  if (bodyId === undefined) throw invalidClient("The request does not identify its client.", "malformed");
  return bodySecret === undefined
    ? { clientId: bodyId, method: "none" }
    : { clientId: bodyId, method: "client_secret_post", secret: bodySecret };
}

function readBasic(authorization: string, bodyId: string | undefined): ClientAuthentication {
  const basic = readBasicCredentials(authorization);
  if (!basic) throw invalidClient("The Authorization header is not a valid Basic credential.", "malformed");
  if (bodyId !== undefined && bodyId !== basic.username) {
    throw new OAuthError("invalid_request", "The header and the body name different clients.");
  }
  return basic.password === ""
    ? { clientId: basic.username, method: "none" }
    : { clientId: basic.username, method: "client_secret_basic", secret: basic.password };
}

export const sentTwice = () => new OAuthError("invalid_request", "Client credentials were sent in more than one way.");

/** The client that an assertion claims to be from (RFC 7523 §2.2), by its `sub`, which is verified later. */
function readAssertedClient(assertion: string, type: string | undefined, bodyId: string | undefined): string {
  if (type !== ASSERTION_TYPE)
    throw new OAuthError("invalid_request", `client_assertion_type has to be ${ASSERTION_TYPE}.`);
  const clientId = readSubject(assertion);
  if (clientId === null) throw invalidClient("The client assertion is not a JWT with a sub.", "malformed");
  if (bodyId !== undefined && bodyId !== clientId) {
    throw invalidClient("The client assertion is from another client.", "bad_credential");
  }
  return clientId;
}

function readSubject(assertion: string): string | null {
  try {
    const { sub } = decodeJwt(assertion);
    return sub?.isWellFormed() && !sub.includes("\0") ? sub : null;
  } catch {
    return null;
  }
}

/** The form-decoded credentials of a Basic header (RFC 6749 §2.3.1), or null for any other header. */
export function readBasicCredentials(authorization: string): { username: string; password: string } | null {
  const encoded = /^basic +([\w+/=-]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)),
    );
    const colon = decoded.indexOf(":");
    if (colon < 1) return null;
    const [username = "", password = ""] = [decoded.slice(0, colon), decoded.slice(colon + 1)].map(formDecode);
    // Postgres can't store NUL.
    return username === "" || `${username}${password}`.includes("\0") ? null : { username, password };
  } catch {
    return null;
  }
}

const formDecode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** The client id that a request claims, before anything about it is checked. Only for counting requests by client. */
export const readClientId = (authorization: string | null, { values }: Params): string | null =>
  readBasicCredentials(authorization ?? "")?.username ??
  values.get("client_id") ??
  readSubject(values.get("client_assertion") ?? "");

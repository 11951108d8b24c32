import { createHash, randomBytes } from "node:crypto";
import type { WalkingClient } from "../evidence.ts";
import type { Returned } from "./callback.ts";

/** Takes a person to a page and returns what came back. Null if they saw an error and nothing came back. */
export type Browser = {
  signIn(url: URL): Promise<Returned>;
  /** For a request that has to be refused. */
  expectRefusal(url: URL): Promise<Returned | null>;
};

export type SignedIn = {
  readonly returned: Returned;
  readonly state: string;
  readonly verifier: string;
  readonly challenge: string;
};

export type SignInPlace = {
  readonly endpoint: string;
  readonly client: WalkingClient;
  /** Parameters of every request: the resource and the scope. */
  readonly params: Readonly<Record<string, string>>;
  readonly email: string | null;
  readonly browser: Browser;
};

/** One authorization, from the link to what came back. */
export async function askToSignIn(place: SignInPlace): Promise<SignedIn> {
  const { url, ...request } = createRequest(place);
  return { ...request, returned: await place.browser.signIn(url) };
}

/** An authorization request that is wrong in one way. */
export function visitWrong(
  place: SignInPlace,
  changed: Readonly<Record<string, string | null>>,
): Promise<Returned | null> {
  const { url } = createRequest(place);
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return place.browser.expectRefusal(url);
}

function createRequest({ endpoint, client, params, email }: SignInPlace) {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  // A server that copies the state into a URL unescaped, or answers with the request's iss, returns the forged one.
  const state = `${crypto.randomUUID()}&iss=forged`;
  const url = new URL(endpoint);
  const all = {
    ...params,
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    code_challenge: challenge,
    state,
    iss: "https://forged.example",
    ...(email ? { login_hint: email } : {}),
  };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return { url, state, verifier, challenge };
}

import { expect } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { answerConsent } from "../../src/dev/person.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { randomBase64url } from "../../src/lib/random.ts";
import { codeChallengeOf } from "../../src/oauth/pkce.ts";
import type { Gatehouse } from "./gatehouse.ts";

/** A registered client, as it knows itself. */
export type TestClient = {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
} & Record<string, unknown>;

export type Fields = Readonly<Record<string, string>> | URLSearchParams;

export const REDIRECT_URI = "https://app.example/callback";

export const postForm = (url: string, fields: Fields, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });

export const postJson = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });

export const basic = (username: string, password: string) => ({
  Authorization: `Basic ${btoa(`${username}:${password}`)}`,
});

/** Registers a public client with a refresh token grant, or with the given metadata. */
export async function registerClient(
  { issuer }: Gatehouse,
  metadata: Record<string, unknown> = {},
): Promise<TestClient> {
  const response = await postJson(`${issuer}/register`, {
    client_name: "Test client",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
    ...metadata,
  });
  expect(response.status).toBe(201);
  return (await response.json()) as TestClient;
}

/** The registration of a machine that may do everything at the test's own resource. */
export const MACHINE_METADATA = {
  client_name: "Nightly job",
  grant_types: ["client_credentials"],
  scope: "mcp:tools mcp:resources mcp:prompts",
};

/** Registers a machine as the owner does. Returns what it sends to authenticate itself. */
export async function createMachine(
  { owner, resource }: Gatehouse,
  metadata: Record<string, unknown> = {},
  uri = resource.uri,
): Promise<{ readonly id: string; readonly secret: string }> {
  const created = await createClient(owner, { ...MACHINE_METADATA, ...metadata }, [], uri);
  if ("problem" in created) throw new Error(created.problem);
  return { id: created.clientId, secret: created.clientSecret ?? "" };
}

/** A client's authorization request, and what it stores to redeem the code. */
export async function authorizationRequest(
  { issuer }: Gatehouse,
  client: TestClient,
  params: Readonly<Record<string, string | undefined>> = {},
) {
  const verifier = randomBase64url();
  const all = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0],
    code_challenge: await codeChallengeOf(verifier),
    code_challenge_method: "S256",
    state: "the state",
    ...params,
  };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { url: new URL(`${issuer}/authorize?${new URLSearchParams(present)}`), verifier };
}

export type Grant = { readonly code: string; readonly verifier: string; readonly redirectUri: string };

/** Lets the person in this browser allow a client. Returns the unredeemed code. */
export async function grantCode(
  gatehouse: Gatehouse,
  browser: HeadlessBrowser,
  client: TestClient,
  params: Readonly<Record<string, string | undefined>> = {},
): Promise<Grant> {
  const { url, verifier } = await authorizationRequest(gatehouse, client, params);
  const answer = await answerConsent(browser, await browser.open(url), { decision: "allow" });
  const code = answer.searchParams.get("code");
  if (code === null) throw new Error(`no code in ${answer}`);
  return { code, verifier, redirectUri: params["redirect_uri"] ?? client.redirect_uris[0] ?? "" };
}

export const redeem = ({ issuer }: Gatehouse, client: TestClient, grant: Grant, fields: Record<string, string> = {}) =>
  postForm(`${issuer}/token`, {
    grant_type: "authorization_code",
    code: grant.code,
    code_verifier: grant.verifier,
    redirect_uri: grant.redirectUri,
    ...clientFields(client),
    ...fields,
  });

export const refresh = (
  { issuer }: Gatehouse,
  client: TestClient,
  token: string,
  fields: Record<string, string> = {},
) =>
  postForm(`${issuer}/token`, {
    grant_type: "refresh_token",
    refresh_token: token,
    ...clientFields(client),
    ...fields,
  });

export const revoke = ({ issuer }: Gatehouse, client: TestClient, token: string, fields: Record<string, string> = {}) =>
  postForm(`${issuer}/revoke`, { token, ...clientFields(client), ...fields });

export const introspect = ({ issuer, resource }: Gatehouse, token: string) =>
  postForm(`${issuer}/introspect`, { token }, basic(resource.id, resource.secret));

export const isActive = async (gatehouse: Gatehouse, token: string): Promise<boolean> =>
  ((await (await introspect(gatehouse, token)).json()) as { active: boolean }).active;

export type Tokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly resource: string;
};

/** A whole authorization. Returns the tokens. */
export async function grantTokens(
  gatehouse: Gatehouse,
  browser: HeadlessBrowser,
  client: TestClient,
  params: Readonly<Record<string, string | undefined>> = {},
): Promise<Tokens> {
  const response = await redeem(gatehouse, client, await grantCode(gatehouse, browser, client, params));
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
}

/** The error of an OAuth answer, with its status: `400 invalid_grant`. */
export async function errorOf(response: Response): Promise<string> {
  const body = (await response.json()) as { error?: string };
  return `${response.status} ${body.error}`;
}

const clientFields = ({ client_id, client_secret }: TestClient): Record<string, string> => ({
  client_id,
  ...(client_secret ? { client_secret } : {}),
});

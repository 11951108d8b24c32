import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, expect } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { addIssuer, type IssuerInput, removeIssuer, setIssuerStatus } from "../../src/flows/admin/issuers.ts";
import { addWorkload, type WorkloadInput } from "../../src/flows/admin/workloads.ts";
import { JWT_BEARER_GRANT } from "../../src/oauth/grant-type.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { basic, postForm, type Tokens } from "./oauth-client.ts";

export type Claims = Readonly<Record<string, unknown>>;
type SigningKey = { readonly kid: string; readonly alg: string; readonly jwk: JWK; readonly privateKey: CryptoKey };

/** An identity provider, or whatever signs for programs: made with `jose`, and not tuned to anybody. */
type TestIssuer = {
  readonly issuer: string;
  /** What it publishes. A test may take keys away or add some. */
  readonly published: JWK[];
  /** The ids that its clients have at Gatehouse, by those that they have here. */
  readonly clients: Map<string, string>;
  /** How often its keys were asked for. */
  asked: number;
  readonly key: SigningKey;
  /** Signs these claims. Undefined leaves a claim or a header out. */
  sign(claims: Claims, header?: Claims, key?: SigningKey): Promise<string>;
};

export async function makeKey(alg = "RS256"): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = crypto.randomUUID();
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), alg, use: "sig", kid } };
}

export async function startIssuer(): Promise<TestIssuer> {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const key = await makeKey();
  const started: TestIssuer = {
    issuer,
    key,
    published: [key.jwk],
    clients: new Map(),
    asked: 0,
    sign: (claims, header = {}, by = key) => {
      const all = { alg: by.alg, kid: by.kid, ...header };
      return new SignJWT(withoutAbsent(claims)).setProtectedHeader(withoutAbsent(all) as never).sign(by.privateKey);
    },
  };
  const server = createServer(async (request, response) => {
    if (request.url === "/jwks") started.asked++;
    const bodies: Readonly<Record<string, () => object | Promise<object>>> = {
      "/jwks": () => ({ keys: started.published }),
      "/token": async () => exchange(started, new URLSearchParams(await text(request))),
    };
    const discovery = () => ({
      ...{ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` },
      ...{ authorization_endpoint: `${issuer}/authorize`, response_types_supported: ["code"] },
    });
    const body = await (bodies[request.url ?? ""] ?? discovery)();
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  afterAll(() => stopServer(server));
  return started;
}

/** Exchanges what stands for an ID token, the name of a person, for an ID-JAG (RFC 8693; ID-JAG §4.3). */
async function exchange(by: TestIssuer, form: URLSearchParams): Promise<object> {
  const [audience, resource, scope] = ["audience", "resource", "scope"].map((name) => form.get(name) ?? undefined);
  const claims = {
    ...{ iss: by.issuer, sub: form.get("subject_token"), aud: audience, resource, scope, jti: crypto.randomUUID() },
    ...{ client_id: by.clients.get(form.get("client_id") ?? ""), iat: inSeconds(0), exp: inSeconds(300) },
  };
  return {
    issued_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    access_token: await by.sign(claims, { typ: "oauth-id-jag+jwt" }),
    token_type: "N_A",
    expires_in: 300,
  };
}

const withoutAbsent = (members: Claims): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

let names = 0;

/** An issuer of people that the owner trusts, with the name that the audit log has for it. */
export async function trustIssuer(
  { owner }: Gatehouse,
  choices: Partial<IssuerInput> = {},
): Promise<TestIssuer & { readonly name: string }> {
  const started = await startIssuer();
  const name = `issuer-${++names}`;
  const added = await addIssuer(owner, {
    ...{ name, issuer: started.issuer, jwks: null, vouches: true, tenant: null },
    ...{ linksAddresses: false, joining: ["everybody"], refreshes: false },
    ...choices,
  });
  if ("problem" in added) throw new Error(added.problem);
  return Object.assign(started, { name });
}

type AssertingClient = { readonly id: string; readonly secret: string };

/** An app that the owner registered for assertions of people. */
export async function createAssertingClient(
  { owner }: Gatehouse,
  metadata: Record<string, unknown> = {},
): Promise<AssertingClient> {
  const all = {
    client_name: "Enterprise app",
    grant_types: [JWT_BEARER_GRANT, "refresh_token"],
    token_endpoint_auth_method: "client_secret_basic",
    ...metadata,
  };
  const created = await createClient(owner, all, []);
  if ("problem" in created) throw new Error(created.problem);
  return { id: created.clientId, secret: created.clientSecret ?? "" };
}

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** What the issuer says of a person to a client (draft-ietf-oauth-identity-assertion-authz-grant §3.1). */
export const vouch = (
  { issuer, resource }: Gatehouse,
  by: TestIssuer,
  clientId: string,
  claims: Claims = {},
  header: Claims = {},
): Promise<string> =>
  by.sign(
    {
      iss: by.issuer,
      sub: "U019488227",
      aud: issuer,
      client_id: clientId,
      resource: resource.uri,
      jti: crypto.randomUUID(),
      iat: inSeconds(0),
      exp: inSeconds(300),
      ...claims,
    },
    { typ: "oauth-id-jag+jwt", ...header },
  );

/** Sends an assertion, as the client that it is for. */
export const present = (
  { issuer }: Gatehouse,
  { id, secret }: AssertingClient,
  assertion: string,
  fields: Record<string, string> = {},
): Promise<Response> =>
  postForm(`${issuer}/token`, { grant_type: JWT_BEARER_GRANT, assertion, ...fields }, basic(id, secret));

/** A program that may use the test's server. Returns the id of its machine. */
export async function addProgram(
  { owner, issuer, resource }: Gatehouse,
  by: { readonly name: string },
  rule: Partial<WorkloadInput> = {},
): Promise<string> {
  const all = {
    ...{
      name: "Deployment",
      issuer: by.name,
      resource: resource.uri,
      scope: "mcp:tools mcp:prompts",
      audience: issuer,
    },
    ...{ claims: { sub: "repo:acme/site:ref:refs/heads/main" }, ...rule },
  };
  const added = await addWorkload(owner, all);
  if ("problem" in added) throw new Error(added.problem);
  return added.clientId;
}

/** What an issuer of programs signs, in the way of GitHub Actions. */
export const programToken = ({ issuer }: Gatehouse, by: TestIssuer, claims: Claims = {}, header: Claims = {}) =>
  by.sign(
    {
      ...{ iss: by.issuer, sub: "repo:acme/site:ref:refs/heads/main", aud: issuer, jti: crypto.randomUUID() },
      ...{ repository: "acme/site", repository_owner: "acme", ref: "refs/heads/main" },
      ...{ iat: inSeconds(0), nbf: inSeconds(0), exp: inSeconds(300), ...claims },
    },
    { typ: "JWT", ...header },
  );

/** Sends a program's token, without any credential. */
export const presentProgram = ({ issuer }: Gatehouse, assertion: string, fields: Record<string, string> = {}) =>
  postForm(`${issuer}/token`, { grant_type: JWT_BEARER_GRANT, assertion, ...fields });

/** Everything that can happen with an issuer, once. */
export async function liveByAnIssuer(gatehouse: Gatehouse): Promise<void> {
  const [by, client] = [await trustIssuer(gatehouse), await createAssertingClient(gatehouse)];
  const assertion = await vouch(gatehouse, by, client.id);
  const answers = [await present(gatehouse, client, assertion), await present(gatehouse, client, assertion)];
  await addProgram(gatehouse, by);
  answers.push(await presentProgram(gatehouse, await programToken(gatehouse, by)));
  if (answers.map(({ status }) => status).join() !== "200,400,200") throw new Error(await answers[0]?.text());
  for (const status of ["off", "on"] as const) await setIssuerStatus(gatehouse.owner, by.name, status);
  await removeIssuer(gatehouse.owner, by.name);
}

/** An assertion that is refused, with the sentence of its refusal. */
export async function refusal(response: Promise<Response>): Promise<string> {
  const { status, body } = await response.then(async (answer) => ({
    status: answer.status,
    body: (await answer.json()) as { error: string; error_description: string },
  }));
  return `${status} ${body.error} ${body.error_description}`;
}

/** The tokens of an answer, which has to contain some. */
export const redeemed = async (response: Response): Promise<Tokens> => {
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Tokens;
};

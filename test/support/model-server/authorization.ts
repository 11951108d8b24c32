import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { CLIENT_PROFILES } from "../../../src/doctor/client-profiles.ts";
import type { Rules } from "./rules.ts";
import type { createTokens } from "./tokens.ts";

type Client = { readonly redirectUris: readonly string[]; readonly method: string };
type Server = { readonly origin: string; readonly rules: Rules; readonly tokens: ReturnType<typeof createTokens> };

const json = (status: number, body: object): Response =>
  Response.json(body, { status, headers: { "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" } });
const page = (status: number, text: string): Response =>
  new Response(`<!doctype html><title>Model</title><p>${text}</p>`, {
    status,
    headers: {
      "Content-Type": "text/html",
      "Content-Security-Policy": "frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-store",
    },
  });

/** The endpoints of an authorization server that behaves as its rules say. */
export function createAuthorization({ origin, rules, tokens }: Server) {
  const issuer = origin + rules.issuerSuffix;
  // Documents aren't fetched here, since the contents of the known ones are enough.
  const clients = new Map<string, Client>(
    CLIENT_PROFILES.map(({ document }) => [
      document?.url ?? "",
      { redirectUris: [document?.returnsTo ?? ""], method: "none" },
    ]),
  );
  const isRedirectUri = (uri: string, client: Client) =>
    client.redirectUris.some((registered) => {
      if (rules.redirectUris === "prefix") return uri.startsWith(registered.replace(/:\d+\/.*/, ""));
      return rules.redirectUris === "exact" ? uri === registered : withoutPort(uri) === withoutPort(registered);
    });

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    revocation_endpoint: `${origin}/revoke`,
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "private_key_jwt"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: rules.answersIss,
  });

  async function register(request: Request): Promise<Response> {
    const sent = (await request.json()) as { redirect_uris: string[]; token_endpoint_auth_method: string };
    const isBad = (uri: string) => /#/.test(uri) || (!rules.takesScripts && /^(javascript|data):/.test(uri));
    if (sent.redirect_uris.some(isBad)) return json(400, { error: "invalid_redirect_uri" });
    const id = `client-${randomUUID()}`;
    clients.set(id, { redirectUris: sent.redirect_uris, method: sent.token_endpoint_auth_method });
    return json(201, {
      ...sent,
      client_id: id,
      ...(rules.keepsSecretsForPublicClients ? { client_secret: "a-secret" } : {}),
      registration_client_uri: `${origin}/register/${id}`,
      registration_access_token: randomUUID(),
    });
  }

  function sendBack(query: URLSearchParams, answer: Readonly<Record<string, string>>): Response {
    const url = new URL(query.get("redirect_uri") ?? "");
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
    const state = query.get("state");
    if (rules.answersIss) url.searchParams.set("iss", issuer);
    if (state !== null && !rules.pastesState) url.searchParams.set("state", state);
    return new Response(null, {
      status: 302,
      headers: { Location: rules.pastesState ? `${url.href}&state=${state}` : url.href },
    });
  }

  const problemOf = (query: URLSearchParams): string | null => {
    if (rules.comparesResourceAsText && query.get("resource") !== origin + rules.path) return "invalid_target";
    if (query.get("response_type") !== "code" && !rules.takesImplicit) return "unsupported_response_type";
    if (!query.has("code_challenge") && rules.needsChallenge) return "invalid_request";
    return query.get("code_challenge_method") === "plain" && !rules.takesPlain ? "invalid_request" : null;
  };

  function authorize(query: URLSearchParams, allowed: boolean): Response {
    const client = clients.get(query.get("client_id") ?? "");
    if (!client && rules.redirectsStrangers) return sendBack(query, { error: "unauthorized_client" });
    if (!client || !isRedirectUri(query.get("redirect_uri") ?? "", client))
      return page(400, "This app or its address is not known.");
    const problem = problemOf(query);
    if (problem) return sendBack(query, { error: problem });
    if (allowed || isWrong(query)) return sendBack(query, { code: issueCode(query) });
    if (query.get("prompt") === "none") return sendBack(query, { error: "login_required" });
    return page(200, `<a href="/allow?${query}">Allow</a>`);
  }

  const issueCode = (query: URLSearchParams): string => {
    const [clientId, audience, scope, redirectUri, method] = [
      "client_id",
      "resource",
      "scope",
      "redirect_uri",
      "code_challenge_method",
    ].map((name) => query.get(name) ?? "") as [string, string, string, string, string];
    const grant = { clientId, audience, scope, live: true };
    return tokens.issueCode({ grant, redirectUri, challenge: query.get("code_challenge"), method });
  };

  async function token(request: Request): Promise<Response> {
    if (request.method !== "POST" && !rules.takesGet) return json(405, { error: "invalid_request" });
    const text = request.method === "POST" ? await request.text() : new URL(request.url).search;
    const fields = new URLSearchParams(text);
    const clientId = fields.get("client_id") ?? "";
    const client = clients.get(clientId);
    if (!client || !provesItself(client, fields)) return json(401, { error: "invalid_client" });
    const grants = { authorization_code: tokens.redeem, refresh_token: tokens.refresh };
    const grant = grants[fields.get("grant_type") as keyof typeof grants];
    const answer = grant ? grant(fields, clientId) : { error: "unsupported_grant_type" };
    return json("error" in answer ? 400 : 200, answer);
  }

  function provesItself({ method }: Client, fields: URLSearchParams): boolean {
    if (method !== "private_key_jwt") return true;
    const { aud } = decodeJwt(fields.get("client_assertion") ?? "");
    const audiences = { issuer, "token endpoint": `${origin}/token` };
    return rules.assertionAudiences === "both"
      ? Object.values(audiences).includes(String(aud))
      : aud === audiences[rules.assertionAudiences];
  }

  async function revoke(request: Request): Promise<Response> {
    tokens.revoke(new URLSearchParams(await request.text()).get("token") ?? "");
    return json(200, {});
  }

  return { metadata: () => json(200, metadata()), register, authorize, token, revoke };
}

/** A server that doesn't refuse the request grants it at once here. */
const isWrong = (query: URLSearchParams): boolean =>
  query.get("response_type") !== "code" ||
  query.get("code_challenge_method") !== "S256" ||
  !query.has("code_challenge");

const withoutPort = (uri: string): string => uri.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1)):\d+/, "$1");

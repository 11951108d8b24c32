import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { stopServer } from "../json-server.ts";
import { createControls, readForm, type StandIn, signInPage } from "./stand-in.ts";

type GitHubOptions = {
  readonly port: number;
  /**
   * True for a GitHub App, whose tokens expire and whose refresh tokens rotate. False for an OAuth app, whose tokens
   * never expire and which has no refresh tokens.
   */
  readonly rotating?: boolean;
};

type GitHubPerson = {
  readonly id: number;
  readonly login: string;
  readonly emails: readonly { readonly email: string; readonly primary: boolean; readonly verified: boolean }[];
  /** Organizations, and teams as `org/team`. */
  readonly memberOf: readonly string[];
};

export type GitHub = StandIn & {
  readonly people: Map<string, GitHubPerson>;
  /** Whether an access token still works. */
  readonly isLive: (token: string) => boolean;
};

type Code = {
  readonly login: string;
  readonly scope: string;
  readonly challenge: string;
  readonly redirectUri: string;
};
type Token = { readonly login: string; readonly scope: string };

const CLIENT = { clientId: "Iv1.0123456789abcdef", clientSecret: "0123456789abcdef0123456789abcdef01234567" };
const EIGHT_HOURS = 28_800;

type Exchange = {
  readonly url: URL;
  readonly form: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

/** Takes the value of a key and deletes it. */
function take<T>(kept: Map<string, T>, key: string | null): T | undefined {
  const found = kept.get(key ?? "");
  kept.delete(key ?? "");
  return found;
}

const challengeOf = (verifier: string | null) =>
  createHash("sha256")
    .update(verifier ?? "")
    .digest("base64url");

const random = (prefix: string) => `${prefix}${randomBytes(18).toString("base64url").replaceAll(/[-_]/g, "0")}`;

/**
 * A GitHub according to its public documentation: numeric ids, answers in form encoding unless JSON is requested,
 * errors with status 200.
 */
export async function startGitHub({ port, rotating = false }: GitHubOptions): Promise<GitHub> {
  const { controls, intercept, loses } = createControls();
  const people = new Map<string, GitHubPerson>();
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Token>();
  const refreshTokens = new Map<string, Token>();
  const personOf = (login: string): GitHubPerson => {
    const known = people.get(login) ?? { id: 1000 + people.size, login, emails: [], memberOf: [] };
    people.set(login, known);
    return known;
  };

  const issue = (token: Token) => {
    const access_token = random("gho_");
    tokens.set(access_token, token);
    controls.gave(access_token);
    const answer = { access_token, scope: token.scope.replaceAll(" ", ","), token_type: "bearer" };
    if (!rotating) return answer;
    const refresh_token = random("ghr_");
    refreshTokens.set(refresh_token, token);
    return { ...answer, expires_in: EIGHT_HOURS, refresh_token, refresh_token_expires_in: 15_897_600 };
  };

  const redeem = (form: URLSearchParams): object => {
    const isClient = form.get("client_id") === CLIENT.clientId && form.get("client_secret") === CLIENT.clientSecret;
    if (!isClient) return { error: "incorrect_client_credentials" };
    if (form.get("grant_type") === "refresh_token") {
      const spent = take(refreshTokens, form.get("refresh_token"));
      return spent ? issue(spent) : { error: "bad_refresh_token" };
    }
    const code = take(codes, form.get("code"));
    if (!code || challengeOf(form.get("code_verifier")) !== code.challenge) return { error: "bad_verification_code" };
    return form.get("redirect_uri") === code.redirectUri ? issue(code) : { error: "redirect_uri_mismatch" };
  };

  const authorize = (url: URL, form: URLSearchParams): { location: string } | { page: string } => {
    const asked = Object.fromEntries(url.searchParams);
    if (!form.has("login")) return { page: signInPage("GitHub", `${url.pathname}${url.search}`, asked["scope"] ?? "") };
    const back = new URL(asked["redirect_uri"] ?? "");
    back.searchParams.set("state", asked["state"] ?? "");
    if (form.get("decision") === "deny") back.searchParams.set("error", "access_denied");
    else {
      const code = random("");
      const login = personOf(form.get("login") ?? "").login;
      const { scope = "", code_challenge: challenge = "", redirect_uri: redirectUri = "" } = asked;
      codes.set(code, { login, scope, challenge, redirectUri });
      back.searchParams.set("code", code);
    }
    return { location: back.href };
  };

  const api = (path: string, person: GitHubPerson): object | null => {
    const { id, login, emails, memberOf } = person;
    if (path === "/api/v3/user") return { id, login, type: "User" };
    if (path === "/api/v3/user/emails") return emails;
    if (path === "/api/v3/issues") return [{ number: 1, title: "Paint the gate", user: { login } }];
    const [, org, team] =
      /^\/api\/v3\/(?:user\/memberships\/orgs\/([^/]+)|orgs\/([^/]+\/teams\/[^/]+)\/memberships\/.+)$/.exec(path) ?? [];
    const group = org ?? team?.replace("/teams/", "/");
    return group !== undefined && memberOf.includes(group) ? { state: "active" } : null;
  };

  const revoke = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const expected = `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.clientSecret}`)}`;
    const { access_token } = JSON.parse(body || "{}") as { access_token?: string };
    if (request.headers.authorization !== expected) return response.writeHead(401).end();
    return response.writeHead(tokens.delete(access_token ?? "") ? 204 : 404).end();
  };

  const answerAuthorize = ({ url, form, response }: Exchange) => {
    const next = authorize(url, form);
    if ("page" in next) response.writeHead(200, { "Content-Type": "text/html" }).end(next.page);
    else response.writeHead(302, { Location: next.location }).end();
  };
  const answerToken = ({ url, form, request, response }: Exchange) => {
    const answer = redeem(form) as Record<string, string>;
    if (loses(url.pathname, form)) return response.destroy();
    const isJson = request.headers.accept?.includes("application/json") ?? false;
    response.writeHead(200, { "Content-Type": isJson ? "application/json" : "application/x-www-form-urlencoded" });
    return response.end(isJson ? JSON.stringify(answer) : new URLSearchParams(answer).toString());
  };
  const answerApi = ({ url, request, response }: Exchange) => {
    const token = tokens.get(request.headers.authorization?.replace(/^bearer /i, "") ?? "");
    const json = token ? api(url.pathname, personOf(token.login)) : null;
    response.writeHead(token ? (json ? 200 : 404) : 401, { "Content-Type": "application/json" });
    response.end(JSON.stringify(json ?? { message: token ? "Not Found" : "Bad credentials" }));
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", `http://localhost:${port}`);
    const exchange = { url, form: await readForm(request), request, response };
    if (await intercept(url.pathname, exchange.form, response)) return;
    if (url.pathname === "/login/oauth/authorize") answerAuthorize(exchange);
    else if (url.pathname === "/login/oauth/access_token") answerToken(exchange);
    else if (request.method === "DELETE") revoke(request, response, await text(request));
    else answerApi(exchange);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const isLive = (token: string) => tokens.has(token);
  return { url: `http://localhost:${port}`, ...CLIENT, controls, people, isLive, stop: () => stopServer(server) };
}

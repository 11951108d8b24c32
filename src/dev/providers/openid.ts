import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import { stopServer } from "../json-server.ts";
import { createControls, readForm, type StandIn, signInPage } from "./stand-in.ts";

type OpenidOptions = {
  readonly port: number;
  /** Its redirect URIs. */
  readonly redirectUris: readonly string[];
};

type OpenidPerson = {
  readonly email: string;
  readonly email_verified: boolean;
  readonly hd?: string;
  readonly groups?: readonly string[];
};

export type OpenidStandIn = StandIn & {
  /** The claims about people, by the name that they sign in with. Everybody else has a verified address. */
  readonly people: Map<string, OpenidPerson>;
  readonly isLive: (token: string) => Promise<boolean>;
};

const CLIENT = { clientId: "gatehouse", clientSecret: "stand-in-client-0123456789abcdefghijkl" };
const SCOPES = ["openid", "email", "offline_access", "read:issues", "write:issues"];

/** A real OpenID provider: PKCE is required, refresh tokens rotate, and answers carry `iss`. */
export async function startOpenid({ port, redirectUris }: OpenidOptions): Promise<OpenidStandIn> {
  const issuer = `http://localhost:${port}`;
  const { controls, intercept, loses } = createControls();
  const people = new Map<string, OpenidPerson>();
  const personOf = (login: string): OpenidPerson =>
    people.get(login) ?? { email: login.includes("@") ? login : `${login}@example.com`, email_verified: true };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "stand-in" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    scopes: SCOPES,
    claims: { openid: ["sub"], email: ["email", "email_verified", "hd", "groups"] },
    conformIdTokenClaims: false,
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...personOf(id) }),
    }),
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      IdToken: 86_400,
      RefreshToken: 86_400,
      Interaction: 3600,
      Session: 3600,
      Grant: 86_400,
    },
  });
  // Its tokens are opaque: the id of a token is the token.
  for (const kind of ["access_token", "refresh_token", "authorization_code"]) {
    provider.on(`${kind}.saved`, ({ jti }) => controls.gave(jti));
  }
  const answer = provider.callback();

  const interact = async (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => {
    const { params } = await provider.interactionDetails(request, response);
    if (!form.has("login")) {
      response.writeHead(200, { "Content-Type": "text/html" });
      return response.end(signInPage("OpenID stand-in", request.url ?? "", params["scope"] ?? ""));
    }
    if (form.get("decision") === "deny") {
      return provider.interactionFinished(request, response, { error: "access_denied" });
    }
    const accountId = form.get("login") ?? "";
    const grant = new provider.Grant({ accountId, clientId: CLIENT.clientId });
    grant.addOIDCScope(form.get("scope") ?? params["scope"] ?? "openid");
    const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result);
  };

  const serveIssues = async (request: IncomingMessage, response: ServerResponse) => {
    const token = await provider.AccessToken.find(request.headers.authorization?.replace(/^bearer /i, "") ?? "");
    const may = token?.scope.split(" ").includes("read:issues") ?? false;
    response.writeHead(may ? 200 : token ? 403 : 401, { "Content-Type": "application/json" });
    response.end(JSON.stringify(may ? [{ title: "Paint the gate", owner: token?.accountId }] : { error: "no" }));
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    const isForm = request.method === "POST";
    const form = isForm ? await readForm(request) : new URLSearchParams();
    // oidc-provider takes a body that has already been read from here.
    if (isForm) Object.assign(request, { body: Object.fromEntries(form) });
    if (await intercept(url.pathname, form, response)) return;
    if (url.pathname.startsWith("/interaction/")) return void (await interact(request, response, form));
    if (url.pathname === "/issues") return serveIssues(request, response);
    if (loses(url.pathname, form)) {
      response.end = (() => response.destroy()) as unknown as typeof response.end;
    }
    await answer(request, response);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const isLive = async (token: string) => (await provider.AccessToken.find(token)) !== undefined;
  return { url: issuer, ...CLIENT, controls, people, isLive, stop: () => stopServer(server) };
}

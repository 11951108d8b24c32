/** Code as people write it for MCP servers, in pairs: a finding, marked on its line, and the right form beside it. */
export type Shape = { readonly rule: string; readonly what: string; readonly bad: string; readonly good: string };

const pkce: readonly Omit<Shape, "rule">[] = [
  {
    what: "a URL that is put together from parts",
    bad: `
export function getAuthUrl(state: string) {
  const url = new URL("https://provider.example/authorize");
  url.searchParams.set("client_id", process.env.CLIENT_ID!);
  url.searchParams.set("response_type", "code"); // MARK
  url.searchParams.set("state", state);
  return url.href;
}`,
    good: `
export function getAuthUrl(state: string, challenge: string) {
  const url = new URL("https://provider.example/authorize");
  url.searchParams.set("client_id", process.env.CLIENT_ID!);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("code_challenge", challenge);
  url.searchParams.set("code_challenge_method", "S256");
  url.searchParams.set("state", state);
  return url.href;
}`,
  },
  {
    what: "a template in a handler",
    bad: `
app.get("/login", (req, res) => {
  // TODO: code_challenge
  const to = \`https://provider.example/authorize?response_type=code&client_id=\${id}&state=\${req.sessionID}\`; // MARK
  res.redirect(to);
});`,
    good: `
app.get("/login", (req, res) => {
  const to =
    \`https://provider.example/authorize?response_type=code&client_id=\${id}&state=\${req.sessionID}\` +
    \`&code_challenge=\${challengeOf(req)}&code_challenge_method=S256\`;
  res.redirect(to);
});`,
  },
  {
    what: "parameters in an object, in a class",
    bad: `
class UpstreamProvider {
  private readonly verifier = randomVerifier();
  url(redirectUri: string): string {
    const query = new URLSearchParams({
      response_type: "code", // MARK
      client_id: this.clientId,
      redirect_uri: redirectUri,
    });
    return this.endpoint + "?" + query;
  }
  challenge() {
    return { code_challenge: hash(this.verifier) };
  }
}`,
    good: `
class UpstreamProvider {
  url(redirectUri: string): string {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: redirectUri,
      ...this.pkce(),
      ...pkceParams,
    });
    return this.endpoint + "?" + query;
  }
  check(request: URLSearchParams) {
    if (request.get("response_type") !== "code") throw new Error("unsupported_response_type");
  }
}`,
  },
];

const scopes: readonly Omit<Shape, "rule">[] = [
  {
    what: "a provider's scope for whole accounts",
    bad: `
const github = new OAuthApp({
  clientId,
  scopes: ["read:user", "repo"], // MARK
});`,
    good: `
const github = new OAuthApp({
  clientId,
  // Private repositories have no narrower scope that lets the tool open pull requests.
  scopes: ["read:user", "repo"],
});
const repo = findRepo("repo");`,
  },
  {
    what: "a scope that is everything, in metadata",
    bad: `
export const metadata = {
  resource: "https://mcp.example/mcp",
  scopes_supported: ["mcp:*"], // MARK
};`,
    good: `
export const metadata = {
  resource: "https://mcp.example/mcp",
  scopes_supported: ["files:read", "files:write"],
};
export const scopes = { "files:admin": "Change who may see your files" };
const headers = { "Access-Control-Allow-Origin": "*" };`,
  },
  {
    what: "a scope in a request",
    bad: `
export function authorizeUrl(base: string) {
  const url = new URL(base);
  url.searchParams.set("scope", "openid https://www.googleapis.com/auth/drive"); // MARK
  return url;
}`,
    good: `
export function authorizeUrl(base: string) {
  const url = new URL(base);
  url.searchParams.set("scope", "openid https://www.googleapis.com/auth/drive.file");
  url.searchParams.set("prompt", "select_account");
  return url;
}`,
  },
];

const refresh: readonly Omit<Shape, "rule">[] = [
  {
    what: "a client that keeps the old token",
    bad: `
async function refresh(session: Session) {
  const response = await fetch(TOKEN_URL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token", // MARK
      refresh_token: session.refreshToken,
      client_id: CLIENT_ID,
    }),
  });
  const data = await response.json();
  session.accessToken = data.access_token;
  session.expiresAt = Date.now() + data.expires_in * 1000;
}`,
    good: `
async function refresh(session: Session) {
  const response = await fetch(TOKEN_URL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: session.refreshToken,
      client_id: CLIENT_ID,
    }),
  });
  const data = await response.json();
  session.accessToken = data.access_token;
  session.refreshToken = data.refresh_token ?? session.refreshToken;
  session.expiresAt = Date.now() + data.expires_in * 1000;
}`,
  },
  {
    what: "an answer that is taken apart, or handed on whole",
    bad: `
export const renew = async (token: string): Promise<string> => {
  const { data } = await axios.post(url, \`grant_type=refresh_token&refresh_token=\${token}\`); // MARK
  const { access_token } = (await parse(data)) as Tokens;
  return access_token;
};`,
    good: `
export const renew = async (token: string): Promise<Tokens> => {
  const response = await fetch(url, { method: "POST", body: \`grant_type=refresh_token&refresh_token=\${token}\` });
  const tokens = await response.json();
  if (!tokens.access_token) throw new Error("no token");
  return tokens;
};`,
  },
  {
    what: "a server that gives back what it got",
    bad: `
app.post("/token", async (c) => {
  const body = await c.req.parseBody();
  const user = await findByRefreshToken(body.refresh_token);
  return c.json({
    access_token: await mint(user),
    token_type: "Bearer",
    refresh_token: body.refresh_token, // MARK
  });
});`,
    good: `
app.post("/token", async (c) => {
  const body = await c.req.parseBody();
  const next = await rotate(body.refresh_token);
  return c.json({
    access_token: await mint(next.user),
    token_type: "Bearer",
    refresh_token: next.refreshToken,
  });
});`,
  },
];

const plaintext: readonly Omit<Shape, "rule">[] = [
  {
    what: "a file",
    bad: `
import { writeFile } from "node:fs/promises";
export async function saveTokens(tokens: OAuthTokens) {
  await writeFile(join(homedir(), ".my-server.json"), JSON.stringify({ saved: Date.now(), ...tokens }), { mode: 0o600 }); // MARK
}`,
    good: `
import { writeFile } from "node:fs/promises";
export async function saveTokens(tokens: OAuthTokens, key: CryptoKey) {
  await writeFile(join(homedir(), ".my-server.json"), await encrypt(key, JSON.stringify(tokens)));
  await writeFile("usage.json", JSON.stringify({ maxTokens: 4096, inputTokens: usage.inputTokens, count: tokens.length }));
}`,
  },
  {
    what: "a file that is named for it",
    bad: `
export class FileStore implements Store {
  async save(session: Session) {
    await writeJsonFile(join(this.folder, "tokens.json"), session); // MARK
  }
}`,
    good: `
export class FileStore implements Store {
  async save(session: Session) {
    await writeJsonFile(join(this.folder, "tokens.json"), seal(session, this.key));
    await writeJsonFile(join(this.folder, "design-tokens-of-the-theme.json"), theme);
  }
}`,
  },
  {
    what: "the browser's storage",
    bad: `
function onSignedIn(result: TokenSet) {
  window.localStorage.setItem("session", "Bearer " + result.access_token); // MARK
}`,
    good: `
function onSignedIn(result: TokenSet) {
  held = result.access_token;
  window.localStorage.setItem("signed-in", String(Boolean(result.access_token)));
  window.localStorage.setItem("scope", result.scope);
}`,
  },
  {
    what: "a log",
    bad: `
async function exchange(code: string) {
  const { access_token: accessToken, ...rest } = await redeem(code);
  logger.debug(\`got a token: \${accessToken}\`, rest.scope); // MARK
  return accessToken;
}`,
    good: `
async function exchange(code: string) {
  const { access_token: accessToken, ...rest } = await redeem(code);
  logger.debug(\`got a token that ends with \${accessToken.slice(-4)}: \${accessToken ? "yes" : "no"}\`, rest.scope);
  logger.info("access_token received", { hash: sha256(accessToken), progressToken: request.progressToken });
  return accessToken;
}`,
  },
];

export const SHAPES: readonly Shape[] = [
  ...pkce.map((shape) => ({ rule: "source-pkce", ...shape })),
  ...scopes.map((shape) => ({ rule: "source-scopes", ...shape })),
  ...refresh.map((shape) => ({ rule: "source-refresh", ...shape })),
  ...plaintext.map((shape) => ({ rule: "source-plaintext", ...shape })),
];

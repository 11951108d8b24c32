import { expect } from "vitest";
import type { HeadlessBrowser, Page } from "../../src/dev/headless-browser.ts";
import { answerConsent } from "../../src/dev/person.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { allowProvider } from "../../src/flows/admin/providers.ts";
import { TOKEN_EXCHANGE_GRANT } from "../../src/oauth/token-exchange.ts";
import type { Gatehouse } from "./gatehouse.ts";
import {
  authorizationRequest,
  basic,
  postForm,
  redeem,
  registerClient,
  type TestClient,
  type Tokens,
} from "./oauth-client.ts";

export type LinkedResource = { readonly id: string; readonly uri: string; readonly secret: string };

/** An MCP server whose scopes need accounts at a provider. */
export async function addIssuesServer(
  gatehouse: Gatehouse,
  provider: string,
  { read = "read:issues", write = "write:issues" } = {},
): Promise<LinkedResource> {
  const resource = `https://${crypto.randomUUID()}.example/mcp`;
  const document = {
    resource,
    name: "Issues",
    scopes: [
      { name: "issues:read", description: "Read your issues", needs: { [provider]: [read] } },
      {
        name: "issues:write",
        description: "Write issues",
        implies: ["issues:read"],
        default: false,
        needs: { [provider]: [write] },
        broad: "It changes what others see.",
      },
      { name: "time:read", description: "Tell the time" },
    ],
  };
  const applied = await applyResource(gatehouse.owner, JSON.stringify(document), { uri: null, isDefault: false });
  if ("problem" in applied || applied.outcome !== "added") throw new Error(JSON.stringify(applied));
  expect(await allowProvider(gatehouse.owner, provider, applied.uri, true)).toBe(true);
  return applied;
}

/** Follows a browser to a provider and answers there. Returns where it is sent back to. */
export async function answerThere(
  browser: HeadlessBrowser,
  location: URL | null,
  login: string,
  decision: "allow" | "deny" = "allow",
): Promise<URL> {
  const page = await browser.open(location ?? "");
  const answered = await browser.submit(page, page.url.pathname, { login, decision });
  if (!answered.left) throw new Error(`the provider sent nobody back: ${answered.html.textContent}`);
  return answered.left;
}

/** Continues from a page that asks to link an account. Returns where the provider sends the browser back to. */
export async function connectThere(browser: HeadlessBrowser, page: Page, login: string): Promise<URL> {
  const sent = await browser.submit(page, page.url.pathname, {});
  return answerThere(browser, sent.left, login);
}

export type LinkedGrant = { readonly client: TestClient; readonly tokens: Tokens };

/** A person allows an app a server's scopes, and links an account on the way. Returns the app's tokens. */
export async function grantLinked(
  gatehouse: Gatehouse,
  browser: HeadlessBrowser,
  resource: LinkedResource,
  { login, scope = "issues:read" }: { readonly login: string; readonly scope?: string },
): Promise<LinkedGrant> {
  const client = await registerClient(gatehouse);
  const { url, verifier } = await authorizationRequest(gatehouse, client, { resource: resource.uri, scope });
  const consented = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
  const back = consented.left ?? (await browser.open(await connectThere(browser, consented, login))).left;
  const code = back?.searchParams.get("code") ?? "";
  const answer = await redeem(gatehouse, client, { code, verifier, redirectUri: client.redirect_uris[0] ?? "" });
  expect(answer.status).toBe(200);
  return { client, tokens: (await answer.json()) as Tokens };
}

/** What a server requests with the token that it was called with. */
export const exchange = (
  { issuer }: Gatehouse,
  resource: LinkedResource,
  subjectToken: string,
  audience: string,
  fields: Record<string, string> = {},
): Promise<Response> =>
  postForm(
    `${issuer}/token`,
    {
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: subjectToken,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience,
      ...fields,
    },
    basic(resource.id, resource.secret),
  );

export type AccountToken = {
  readonly access_token: string;
  readonly expires_in?: number;
  readonly scope: string;
  readonly error?: string;
  readonly connect_uri?: string;
};

export const answerOf = async (response: Response): Promise<AccountToken> => (await response.json()) as AccountToken;

export { answerConsent };

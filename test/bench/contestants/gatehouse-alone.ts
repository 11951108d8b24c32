import { createHeadlessBrowser, type HeadlessBrowser } from "../../../src/dev/headless-browser.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeHex } from "../../../src/lib/hex.ts";
import { hashPassword } from "../../../src/lib/password.ts";
import { mintToken } from "../../../src/lib/token.ts";
import { TOKEN_KIND } from "../../../src/oauth/token-kind.ts";
import { insertSession } from "../../../src/store/sessions.ts";
import { insertUser } from "../../../src/store/users.ts";
import type { Call, Work } from "../load.ts";
import { obtainTokens } from "../operations.ts";
import { CHALLENGE, form, json, REDIRECT_URI } from "./contestant.ts";
import type { Gatehouse } from "./gatehouse.ts";

/** Operations that only Gatehouse has, or that the others leave to custom pages. */
export const ALONE = {
  "tool call written down": recordToolCalls,
  "authorization page": openAuthorization,
  "sign-in with a password": signIn,
} satisfies Record<string, (gatehouse: Gatehouse) => Promise<Work>>;

async function recordToolCalls(gatehouse: Gatehouse): Promise<Work> {
  const [tokens] = await obtainTokens(gatehouse, 1);
  const digest = await sha256(tokens?.access_token ?? "");
  const call = {
    token_id: encodeHex(digest).slice(0, 32),
    tool: "get_weather",
    outcome: "ok",
    duration_ms: 12,
    address: "192.0.2.1",
  };
  const { headers } = gatehouse.calls.verify("");
  const sent = json("/tool-calls", { calls: Array(10).fill(call) });
  return { next: () => ({ ...sent, headers: { ...headers, ...sent.headers } }) };
}

/** A browser in which the owner is signed in, without the page. */
export async function signedIn({ owner, userId }: Gatehouse): Promise<HeadlessBrowser> {
  const token = await mintToken(owner.keys, TOKEN_KIND.session);
  const session = { digest: await sha256(token), replaces: null, userAgent: "node", lifetimeSeconds: 30 * 24 * 3600 };
  const proof = { method: "password", userId, verifiedHash: null, newHash: null } as const;
  if (!(await insertSession(owner.db, session, proof as never, owner.actor))) throw new Error("nobody signed in");
  const browser = createHeadlessBrowser();
  browser.cookies.set("gatehouse_session", token);
  return browser;
}

async function openAuthorization(gatehouse: Gatehouse): Promise<Work> {
  const { cookies } = await signedIn(gatehouse);
  const authorization = new URLSearchParams({
    response_type: "code",
    client_id: gatehouse.clientId,
    redirect_uri: REDIRECT_URI,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  });
  const call: Call = { method: "GET", path: `/authorize?${authorization}`, headers: { Cookie: asHeader(cookies) } };
  return { next: () => call };
}

/** Many people, since many sign-ins at once to one account would count as guesses. */
async function signIn({ origin, owner }: Gatehouse): Promise<Work> {
  const password = "Correct horse 1";
  const passwordHash = await hashPassword(password);
  const emails = Array.from({ length: 64 }, (_, index) => `guest${index}@example.com`);
  for (const email of emails) await insertUser(owner.db, { email, role: "member", passwordHash }, owner.actor);
  const browser = createHeadlessBrowser();
  const page = await browser.open(`${origin}/login`);
  const csrf = page.html.querySelector("[name=csrf]")?.getAttribute("value") ?? "";
  const headers = { Cookie: asHeader(browser.cookies) };
  let turn = 0;
  return { next: () => form("/login", { email: emails[turn++ % emails.length] ?? "", password, csrf }, headers) };
}

const asHeader = (cookies: ReadonlyMap<string, string>) => [...cookies].map((pair) => pair.join("=")).join("; ");

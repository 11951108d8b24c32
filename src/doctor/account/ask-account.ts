import { type Answer, textOf } from "../answer.ts";
import type { Evidence, WalkingClient } from "../evidence.ts";
import type { Prober } from "../prober.ts";
import { authorizeParams, wantedScope } from "../walk-authorize.ts";
import type { AccountEvidence, AccountProbe, VisitProbe } from "./account-evidence.ts";
import { askToSignIn, type Browser, type SignedIn, type SignInPlace, visitWrong } from "./sign-in.ts";
import { createTokenClient, type TokenClient } from "./token-client.ts";

/** What the doctor may use of a person's account: their browser, or a token. */
export type Account =
  | { readonly kind: "browser"; readonly email: string | null; readonly browser: Browser }
  | { readonly kind: "token"; readonly token: string };

type Seen = Pick<Evidence, "target" | "resource" | "server" | "other"> & { readonly client: WalkingClient | null };

/** A name that nobody has (RFC 6761), so that a token for it is good nowhere. */
const OTHER_RESOURCE = "https://other-server.invalid/mcp";

/** Makes requests with an account that have to be refused. */
export async function askAccount(account: Account, seen: Seen, prober: Prober): Promise<AccountEvidence> {
  const answers = new Map<AccountProbe, Answer>();
  const visits = new Map<VisitProbe, Awaited<ReturnType<typeof visitWrong>>>();
  const secrets: string[] = [];
  const client = createTokenClient(seen, prober, secrets);
  if (account.kind === "token") {
    secrets.push(account.token);
    await useToken(account.token, client, answers);
    if (seen.other) answers.set("token at other server", await client.call(account.token, seen.other.url));
    return { signIn: null, answers, visits, secrets };
  }
  const endpoint = textOf(seen.server.found?.json ?? null, "authorization_endpoint");
  if (!endpoint || !seen.client) return { signIn: null, answers, visits, secrets };
  const params = authorizeParams(seen, "");
  const place: SignInPlace = { endpoint, client: seen.client, params, ...account };

  const first = await spendCodes(place, client, answers);
  const tokens = await freshTokens(place, client, answers);
  if (tokens && seen.other) await swapTokens(tokens.access, seen.other, place, client, answers);
  if (tokens) await spendTokens(tokens, place, client, answers);
  visits.set("no challenge", await visitWrong(place, { code_challenge: null, code_challenge_method: null }));
  visits.set("plain", await visitWrong(place, { code_challenge_method: "plain" }));
  visits.set("suffix", await visitWrong(place, { redirect_uri: `${seen.client.redirectUri}/suffix` }));
  const { returned, state } = first;
  return { signIn: { returned, state }, answers, visits, secrets };
}

/** Redeems a code in every wrong way, then in the right way, and then again. */
async function spendCodes(
  place: SignInPlace,
  client: TokenClient,
  answers: Map<AccountProbe, Answer>,
): Promise<SignedIn> {
  const first = await askToSignIn(place);
  answers.set("wrong verifier", await client.redeem(first, { code_verifier: "a".repeat(43) }));
  answers.set("challenge as verifier", await client.redeem(first, { code_verifier: first.challenge }));
  answers.set("redirect suffix", await client.redeem(first, { redirect_uri: `${client.redirectUri}/suffix` }));
  let [signedIn, exchange] = [first, await client.redeem(first)];
  if (!textOf(exchange.json, "access_token")) {
    // A server may judge that a code presented wrongly is stolen, and end it.
    signedIn = await askToSignIn(place);
    exchange = await client.redeem(signedIn);
  }
  const token = textOf(exchange.json, "access_token");
  answers.set("replay", await client.redeem(signedIn));
  if (token) answers.set("access after replay", await client.call(token));
  return first;
}

async function freshTokens(place: SignInPlace, client: TokenClient, answers: Map<AccountProbe, Answer>) {
  const exchange = await client.redeem(await askToSignIn(place));
  answers.set("exchange", exchange);
  const access = textOf(exchange.json, "access_token");
  return access ? { access, refresh: textOf(exchange.json, "refresh_token") } : null;
}

/** Gets a token for the other server, and presents each server's token to the other. */
async function swapTokens(
  access: string,
  { url, resource }: NonNullable<Evidence["other"]>,
  place: SignInPlace,
  client: TokenClient,
  answers: Map<AccountProbe, Answer>,
): Promise<void> {
  answers.set("token at other server", await client.call(access, url));
  const uri = textOf(resource?.metadata.found?.json ?? null, "resource") ?? url.href;
  const scope = wantedScope({ resource });
  const { scope: _, ...params } = place.params;
  const signedIn = await askToSignIn({ ...place, params: { ...params, resource: uri, ...(scope ? { scope } : {}) } });
  const others = textOf((await client.redeem(signedIn, { resource: uri })).json, "access_token");
  if (!others) return;
  answers.set("other server's token there", await client.call(others, url));
  answers.set("other server's token here", await client.call(others));
}

type Tokens = NonNullable<Awaited<ReturnType<typeof freshTokens>>>;

async function spendTokens(
  { access, refresh }: Tokens,
  place: SignInPlace,
  client: TokenClient,
  answers: Map<AccountProbe, Answer>,
): Promise<void> {
  await useToken(access, client, answers);
  let latest = access;
  if (refresh) latest = await spendRefreshToken(access, refresh, client, answers);
  if (!client.canRevoke) return;
  // Reuse may have ended the connection, as it should. Then there is nothing left to revoke.
  const isLive = (await client.call(latest)).status !== 401;
  const living = isLive ? latest : textOf((await client.redeem(await askToSignIn(place))).json, "access_token");
  if (!living) return;
  answers.set("revocation", await client.revoke(living));
  answers.set("access after revocation", await client.call(living));
}

/** Refreshes for another server, then in the right way, then with the spent token. Returns the latest access token. */
async function spendRefreshToken(
  access: string,
  refresh: string,
  client: TokenClient,
  answers: Map<AccountProbe, Answer>,
): Promise<string> {
  const other = await client.refresh(refresh, { resource: OTHER_RESOURCE });
  answers.set("other resource", other);
  const forOther = textOf(other.json, "access_token");
  if (forOther) answers.set("access with other resource", await client.call(forOther));
  const present = textOf(other.json, "refresh_token") ?? refresh;
  const refreshed = await client.refresh(present);
  answers.set("refresh", refreshed);
  answers.set("refresh reused", await client.refresh(present));
  const latest = textOf(refreshed.json, "access_token") ?? access;
  answers.set("access after reuse", await client.call(latest));
  return latest;
}

/** Presents an access token in the right way, with one character changed, and in the query. */
async function useToken(token: string, client: TokenClient, answers: Map<AccountProbe, Answer>): Promise<void> {
  answers.set("access", await client.call(token));
  const middle = Math.floor(token.length / 2);
  const changed = token[middle] === "A" ? "B" : "A";
  answers.set("tampered", await client.call(token.slice(0, middle) + changed + token.slice(middle + 1)));
  answers.set("query", await client.callWithQuery(token));
}

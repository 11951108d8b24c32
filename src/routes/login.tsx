import type { LoginCookies, SignInCookies } from "../flows/login/new-session.ts";
import { offerPasskey, signInWithPasskey } from "../flows/login/passkey.ts";
import { signInWithPassword } from "../flows/login/password.ts";
import { beginProviderSignIn, readSignInProviders, signInWithProvider } from "../flows/login/provider.ts";
import { signInWithRecoveryCode } from "../flows/login/recovery.ts";
import { openReturnTo, type ReturnTo } from "../flows/login/return-to.ts";
import { signOut } from "../flows/login/sign-out.ts";
import type { ClaimedAnswer } from "../flows/provider/callback.ts";
import * as z from "../lib/schema.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie, writeCookie } from "./cookies.ts";
import { formRoute, idOf, passkeyFields, type RefusedForm, readQuery, sealed, textField } from "./fields.ts";
import { bindBrowser } from "./middleware/csrf.ts";
import { LoginPage, RecoveryPage } from "./pages/login.tsx";
import { formShellOf } from "./shell.ts";

const REMEMBERED_SECONDS = 365 * 24 * 60 * 60;

/** What every form of the sign-in carries: the way back. */
const wayOn = z.object({ continue: sealed() });
const orNothing = (value: string | null | undefined): string => value ?? "";
const wayOf = (typed: URLSearchParams): string => orNothing(typed.get("continue"));

/** `GET /login`. */
export function getLogin(c: AppContext): Promise<Response> {
  const query = readQuery(c, z.extend(wayOn, { login_hint: textField(4000) }));
  return showLogin(c, query.continue, query.login_hint, null);
}

/** `POST /login`: a password. */
export const postLogin = formRoute({
  fields: z.extend(wayOn, { email: z._default(z.string(), ""), password: z._default(z.string(), "") }),
  showAgain: (c, { typed, problem }) =>
    showLogin(c, wayOf(typed), typed.get("email"), { of: "password", text: problem }),
  submit: async (c, { email, password, ...fields }) => {
    const returnTo = await readReturnTo(c, fields.continue);
    const attempt = { email: email.slice(0, 320).toWellFormed(), password };
    const signedIn = await signInWithPassword(c.var.deps, attempt, loginCookies(c));
    return signedIn ? goOn(c, signedIn, returnTo, fields.continue) : { problem: "Wrong email address or password." };
  },
});

/** `POST /login/passkey`. */
export const postPasskeyLogin = formRoute({
  fields: z.extend(wayOn, passkeyFields),
  showAgain: (c, { typed, problem }) => showLogin(c, wayOf(typed), null, { of: "passkey", text: problem }),
  submit: async (c, { credential, challenge, ...fields }) => {
    const returnTo = await readReturnTo(c, fields.continue);
    const signedIn = await signInWithPasskey(c.var.deps, bindBrowser(c), { credential, challenge }, loginCookies(c));
    if (signedIn) return goOn(c, signedIn, returnTo, fields.continue);
    return { problem: "That passkey isn’t known here, or the page was open for too long. Try again." };
  },
});

/** `POST /login/provider/:id`: goes to a provider, where the person signs in. */
export const postProviderLogin = formRoute({
  fields: z.extend(wayOn, { login_hint: textField(320) }),
  submit: async (c, { login_hint, ...fields }) => {
    await readReturnTo(c, fields.continue);
    const { location } = await beginProviderSignIn(c.var.deps, {
      provider: idOf(c),
      browser: bindBrowser(c),
      returnTo: fields.continue,
      loginHint: login_hint || null,
      again: readCookie(c, "session") !== null,
    });
    return c.redirect(location, 303);
  },
});

/** A provider's answer to a sign-in. */
export async function finishProviderLogin(c: AppContext, claimed: ClaimedAnswer): Promise<Response> {
  const sealed = orNothing(claimed.request.returnTo);
  const returnTo = await readReturnTo(c, sealed);
  const signedIn = await signInWithProvider(c.var.deps, claimed, loginCookies(c));
  if (signedIn) return goOn(c, signedIn, returnTo, sealed);
  const { name } = claimed.claimed.provider;
  return showLogin(c, sealed, null, { of: "provider", text: `You didn’t allow it at ${name}. Nothing has changed.` });
}

/** `GET /login/recovery`. */
export const getRecovery = (c: AppContext): Promise<Response> => showRecovery(c, readQuery(c, wayOn).continue, null);

/** `POST /login/recovery`. */
export const postRecovery = formRoute({
  fields: z.extend(wayOn, { code: textField(1000) }),
  showAgain: (c, refused) => showRecovery(c, wayOf(refused.typed), refused),
  submit: async (c, { code, ...fields }) => {
    const returnTo = await readReturnTo(c, fields.continue);
    const signedIn = await signInWithRecoveryCode(c.var.deps, code, loginCookies(c));
    if (signedIn) return goOn(c, signedIn, returnTo, fields.continue);
    return { problem: "That code doesn’t work. Each code works only once.", field: "code" };
  },
});

/** `POST /logout`. Offers to sign in again, since somebody else may want to continue here. */
export const postLogout = formRoute({
  fields: wayOn,
  submit: async (c, fields) => {
    const { deps } = c.var;
    await readReturnTo(c, fields.continue);
    await signOut(deps, readCookie(c, "session"));
    writeCookie(c, "session", "", 0);
    return c.redirect(`${deps.config.issuer}/login${queryOf(fields)}`, 303);
  },
});

/** Gives the browser the cookies of a sign-in. */
export function keepSignedIn(c: AppContext, { session, browser }: SignInCookies): void {
  writeCookie(c, "session", session, c.var.deps.config.lifetimes.sessionSeconds);
  if (browser !== null) rememberBrowser(c, browser);
  writeCookie(c, "nonce", "", 0);
}

/** Marks the browser as one in which this person has signed in. */
export const rememberBrowser = (c: AppContext, browser: string): void =>
  writeCookie(c, "browser", browser, REMEMBERED_SECONDS);

export const loginCookies = (c: AppContext): LoginCookies => ({
  session: readCookie(c, "session"),
  browser: readCookie(c, "browser"),
});

/** Where a sign-in leads: to the page that asked for it and nowhere else. */
function goOn(c: AppContext, signedIn: SignInCookies, returnTo: ReturnTo | null, sealed: string): Response {
  const { issuer } = c.var.deps.config;
  keepSignedIn(c, signedIn);
  if (!returnTo) return c.redirect(`${issuer}/account`, 303);
  // An authorization request keeps the time at which it came, which only the sealed form proves.
  const query =
    returnTo.path === "/authorize" ? [["continue", sealed]] : returnTo.query.map(([name, value]) => [name, value]);
  return c.redirect(`${issuer}${returnTo.path}?${new URLSearchParams(query)}`.replace(/\?$/, ""), 303);
}

type Problem = { readonly of: "password" | "passkey" | "provider"; readonly text: string | null };

async function showLogin(
  c: AppContext,
  sealed: string,
  typed: string | null,
  problem: Problem | null,
): Promise<Response> {
  const returnTo = await readReturnTo(c, sealed);
  const shell = await formShellOf(c);
  const passkey = await offerPasskey(c.var.deps, bindBrowser(c));
  const again = readCookie(c, "session") !== null;
  const page = {
    shell,
    passkey,
    returnTo: sealed,
    app: returnTo?.app ?? null,
    providers: await readSignInProviders(c.var.deps),
    email: orNothing(typed),
    problem,
    again,
  };
  return c.html(<LoginPage {...page} />, problem ? 400 : 200);
}

async function showRecovery(c: AppContext, sealed: string, refused: RefusedForm | null): Promise<Response> {
  await readReturnTo(c, sealed);
  const page = { shell: await formShellOf(c), returnTo: sealed, refused };
  return c.html(<RecoveryPage {...page} />, refused ? 400 : 200);
}

const queryOf = (fields: z.output<typeof wayOn>): string => (fields.continue ? `?${new URLSearchParams(fields)}` : "");

async function readReturnTo(c: AppContext, sealed: string): Promise<ReturnTo | null> {
  if (sealed === "") return null;
  const returnTo = await openReturnTo(c.var.deps, sealed);
  if (!returnTo) throw new OAuthError("invalid_request", "This took too long. Go back to the app and start again.");
  return returnTo;
}

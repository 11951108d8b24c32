import { type Continuation, openContinuation } from "../flows/login/continuation.ts";
import type { LoginCookies, SignedIn } from "../flows/login/new-session.ts";
import { offerPasskey, signInWithPasskey } from "../flows/login/passkey.ts";
import { signInWithPassword } from "../flows/login/password.ts";
import { signInWithRecoveryCode } from "../flows/login/recovery.ts";
import { signOut } from "../flows/login/sign-out.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie, writeCookie } from "./cookies.ts";
import { frameOf } from "./frame.ts";
import { bindBrowser, issueCsrfToken } from "./middleware/csrf.ts";
import { LoginPage, type LoginProblem, RecoveryPage } from "./pages/login.tsx";

const DEVICE_SECONDS = 365 * 24 * 60 * 60;

/** `GET /login`. */
export async function getLogin(c: AppContext): Promise<Response> {
  await readContinuation(c, c.req.query("continue") ?? "");
  return showLogin(c, c.req.query("continue") ?? "", c.req.query("login_hint") ?? "", null);
}

/** `POST /login`: a password. */
export async function postLogin(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const email = form.get("email") ?? "";
  const continuation = await readContinuation(c, form.get("continue") ?? "");
  const attempt = { email: email.slice(0, 320).toWellFormed(), password: form.get("password") ?? "" };
  const signedIn = await signInWithPassword(deps, attempt, loginCookies(c));
  return signedIn ? goOn(c, signedIn, continuation) : showLogin(c, form.get("continue") ?? "", email, "password");
}

/** `POST /login/passkey`. */
export async function postPasskeyLogin(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const continuation = await readContinuation(c, form.get("continue") ?? "");
  const answer = { credential: form.get("credential") ?? "", challenge: form.get("challenge") ?? "" };
  const signedIn = await signInWithPasskey(deps, bindBrowser(c), answer, loginCookies(c));
  return signedIn ? goOn(c, signedIn, continuation) : showLogin(c, form.get("continue") ?? "", "", "passkey");
}

/** `GET /login/recovery`. */
export async function getRecovery(c: AppContext): Promise<Response> {
  await readContinuation(c, c.req.query("continue") ?? "");
  return showRecovery(c, c.req.query("continue") ?? "", false);
}

/** `POST /login/recovery`. */
export async function postRecovery(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const continuation = await readContinuation(c, form.get("continue") ?? "");
  const signedIn = await signInWithRecoveryCode(deps, form.get("code") ?? "", loginCookies(c));
  return signedIn ? goOn(c, signedIn, continuation) : showRecovery(c, form.get("continue") ?? "", true);
}

/** `POST /logout`: somebody else may want to go on where this person was. */
export async function postLogout(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const sealed = form.get("continue") ?? "";
  await readContinuation(c, sealed);
  await signOut(deps, readCookie(c, "session"));
  writeCookie(c, "session", "", 0);
  return c.redirect(`${deps.config.issuer}/login${sealed && `?${new URLSearchParams({ continue: sealed })}`}`, 303);
}

/** Gives the browser what a sign-in made. */
export function keepSignedIn(c: AppContext, { session, device }: SignedIn): void {
  writeCookie(c, "session", session, c.var.deps.config.lifetimes.sessionSeconds);
  if (device !== null) keepDevice(c, device);
  writeCookie(c, "nonce", "", 0);
}

/** Marks the browser as one in which this person has signed in. */
export const keepDevice = (c: AppContext, device: string): void => writeCookie(c, "device", device, DEVICE_SECONDS);

export const loginCookies = (c: AppContext): LoginCookies => ({
  session: readCookie(c, "session"),
  device: readCookie(c, "device"),
});

/** Signing in leads back to the page that asked for it and nowhere else. */
function goOn(c: AppContext, signedIn: SignedIn, continuation: Continuation | null): Response {
  const { issuer } = c.var.deps.config;
  keepSignedIn(c, signedIn);
  if (!continuation) return c.redirect(`${issuer}/account`, 303);
  // An authorization request keeps the moment that it came, which only the sealed form proves.
  const query =
    continuation.path === "/authorize"
      ? [["continue", c.var.form.get("continue") ?? ""]]
      : continuation.query.map(([name, value]) => [name, value]);
  return c.redirect(`${issuer}${continuation.path}?${new URLSearchParams(query)}`.replace(/\?$/, ""), 303);
}

async function showLogin(c: AppContext, continuation: string, email: string, problem: LoginProblem | null) {
  const { deps } = c.var;
  const csrf = await issueCsrfToken(c);
  const passkey = await offerPasskey(deps, bindBrowser(c));
  return c.html(
    <LoginPage
      {...{ frame: frameOf(deps.config), csrf, passkey, continuation, email, problem }}
      again={readCookie(c, "session") !== null}
    />,
    problem ? 400 : 200,
  );
}

const showRecovery = async (c: AppContext, continuation: string, failed: boolean) =>
  c.html(
    <RecoveryPage
      frame={frameOf(c.var.deps.config)}
      csrf={await issueCsrfToken(c)}
      continuation={continuation}
      failed={failed}
    />,
    failed ? 400 : 200,
  );

async function readContinuation(c: AppContext, sealed: string): Promise<Continuation | null> {
  if (sealed === "") return null;
  const continuation = await openContinuation(c.var.deps, sealed);
  if (!continuation) throw new OAuthError("invalid_request", "This took too long. Go back to the app and start again.");
  return continuation;
}

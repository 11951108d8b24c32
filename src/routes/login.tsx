import { openContinuation } from "../flows/login/continuation.ts";
import { signInWithPassword } from "../flows/login/password.ts";
import { signOut } from "../flows/login/sign-out.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie, writeCookie } from "./cookies.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { LoginPage } from "./pages/login.tsx";

const DEVICE_SECONDS = 365 * 24 * 60 * 60;

/** `GET /login`. */
export async function getLogin(c: AppContext): Promise<Response> {
  const continuation = c.req.query("continue") ?? "";
  await assertContinuation(c, continuation);
  return showLogin(c, { continuation, email: c.req.query("login_hint") ?? "", failed: false });
}

/** `POST /login`: a password. */
export async function postLogin(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const continuation = form.get("continue") ?? "";
  const email = form.get("email") ?? "";
  await assertContinuation(c, continuation);
  const attempt = { email: email.slice(0, 320), password: form.get("password") ?? "" };
  const cookies = { session: readCookie(c, "session"), device: readCookie(c, "device") };
  const signedIn = await signInWithPassword(deps, attempt, cookies);
  if (!signedIn) return showLogin(c, { continuation, email, failed: true });
  writeCookie(c, "session", signedIn.session, deps.config.lifetimes.sessionSeconds);
  writeCookie(c, "device", signedIn.device, DEVICE_SECONDS);
  writeCookie(c, "nonce", "", 0);
  return c.redirect(afterSignIn(deps.config.issuer, continuation), 303);
}

/** `POST /logout`. */
export async function postLogout(c: AppContext): Promise<Response> {
  await signOut(c.var.deps, readCookie(c, "session"));
  writeCookie(c, "session", "", 0);
  return c.redirect(`${c.var.deps.config.issuer}/login`, 303);
}

type LoginState = { readonly continuation: string; readonly email: string; readonly failed: boolean };

const showLogin = async (c: AppContext, state: LoginState) =>
  c.html(
    <LoginPage {...state} csrf={await issueCsrfToken(c)} issuer={c.var.deps.config.issuer} />,
    state.failed ? 400 : 200,
  );

/** Signing in leads back to the request that asked for it and nowhere else. */
const afterSignIn = (issuer: string, continuation: string) =>
  continuation === "" ? `${issuer}/` : `${issuer}/authorize?${new URLSearchParams({ continue: continuation })}`;

async function assertContinuation(c: AppContext, continuation: string): Promise<void> {
  if (continuation !== "" && !(await openContinuation(c.var.deps, continuation))) {
    throw new OAuthError("invalid_request", "This took too long. Go back to the app and start again.");
  }
}

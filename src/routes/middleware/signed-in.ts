import { createMiddleware } from "hono/factory";
import type { Deps } from "../../deps.ts";
import { sealContinuation } from "../../flows/login/continuation.ts";
import { findSession } from "../../flows/login/session.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext, AppEnv } from "../app-env.ts";
import { readCookie } from "../cookies.ts";

/** Lets who is signed in pass; anybody else signs in first and comes back. */
export const signedIn = createMiddleware<AppEnv>(async (c, next) => {
  const session = await findSession(c.var.deps, readCookie(c, "session"));
  if (!session) return c.redirect(await signInLocation(c), 303);
  c.set("session", session);
  return next();
});

/** Behind `signedIn`: lets owners pass. What they do is asked for once more by the statements that do it. */
export const ownerOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (c.var.session.role !== "owner") {
    throw new OAuthError("access_denied", "This page is for the owners of this server.", { status: 403 });
  }
  await next();
});

/** The sign-in that leads back to this page, or to where the form came from. */
export async function signInLocation(c: AppContext, path = pathOf(c)): Promise<string> {
  const query = c.req.method === "GET" ? [...new URL(c.req.url).searchParams] : [];
  const continuation = await sealContinuation(c.var.deps, { path, query, requestedAt: c.var.deps.now() });
  return `${c.var.deps.config.issuer}/login?${new URLSearchParams({ continue: continuation })}`;
}

/** The path of this request under the issuer; a form's, the page that the form is on. */
export function pathOf(c: AppContext): string {
  const path = c.req.path.slice(issuerPath(c.var.deps).length);
  return c.req.method === "GET" ? path : `/${path.split("/")[1]}`;
}

const issuerPath = ({ config }: Deps): string => new URL(config.issuer).pathname.replace(/\/$/, "");

import { createMiddleware } from "hono/factory";
import { sealContinuation } from "../../flows/login/continuation.ts";
import { findSession, isFresh } from "../../flows/login/session.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext, AppEnv } from "../app-env.ts";
import { readCookie } from "../cookies.ts";
import { rawPath, rawQuery } from "./query.ts";

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

/**
 * Behind `signedIn`: lets pass who signed in within the last minutes; anybody else does so again, and comes back to a page. The
 * statements that hand credentials out ask for it once more.
 */
export const signedInLately = (page: string) =>
  createMiddleware<AppEnv>(async (c, next) =>
    isFresh(c.var.deps, c.var.session) ? next() : c.redirect(await signInAgainLocation(c, page), 303),
  );

/** The sign-in that leads back to this page, or from a form to the section that it is in. */
export async function signInLocation(c: AppContext, path?: string): Promise<string> {
  const isPage = c.req.method === "GET";
  const query = isPage ? [...new URLSearchParams(rawQuery(c))] : [];
  const back = path ?? (isPage ? pathOf(c) : `/${pathOf(c).split("/")[1]}`);
  const continuation = await sealContinuation(c.var.deps, { path: back, query, requestedAt: c.var.deps.now() });
  return `${c.var.deps.config.issuer}/login?${new URLSearchParams({ continue: continuation })}`;
}

/** The same for the person who is signed in, who does so once more. */
export const signInAgainLocation = async (c: AppContext, path: string): Promise<string> =>
  `${await signInLocation(c, path)}&${new URLSearchParams({ login_hint: c.var.session.email })}`;

/** The path of this request under the issuer, encoded as it came. */
export const pathOf = (c: AppContext): string =>
  rawPath(c).slice(new URL(c.var.deps.config.issuer).pathname.replace(/\/$/, "").length);

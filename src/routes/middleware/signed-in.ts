import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { sealReturnTo } from "../../flows/login/return-to.ts";
import { actAs, findSession, isFresh } from "../../flows/login/session.ts";
import type { AppContext, AppEnv } from "../app-env.ts";
import { readCookie } from "../cookies.ts";
import { rawPath, rawQuery } from "./query.ts";

/** Admits signed-in people, as members. Anybody else signs in first and comes back. */
export const signedIn = createMiddleware<AppEnv>(async (c, next) => {
  const session = await findSession(c.var.deps, readCookie(c, "session"));
  if (!session) return c.redirect(await signInLocation(c), 303);
  c.set("session", session);
  c.set("deps", actAs(c.var.deps, session, { role: "member" }));
  return next();
});

/** Behind `signedIn`: admits owners, as owners. */
export const ownerOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (c.var.session.role !== "owner") {
    throw new HTTPException(403, { message: "Only owners of this service can see this page." });
  }
  c.set("deps", actAs(c.var.deps, c.var.session, { role: "owner" }));
  await next();
});

/**
 * Behind `signedIn`: admits people who signed in within the last minutes, with the role that they already had. Anybody
 * else signs in again, and comes back to a page.
 */
export const requireFreshSignIn = (page: string | ((c: AppContext) => string)) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (!isFresh(c.var.deps, c.var.session)) {
      return c.redirect(await signInAgainLocation(c, typeof page === "string" ? page : page(c)), 303);
    }
    c.set("deps", actAs(c.var.deps, c.var.session, { role: c.var.session.role, fresh: true }));
    return next();
  });

/** The sign-in that leads back to this page, or from a form to its section. */
async function signInLocation(c: AppContext, path?: string): Promise<string> {
  const isPage = c.req.method === "GET";
  const query = isPage ? [...new URLSearchParams(rawQuery(c))] : [];
  const back = path ?? (isPage ? pathOf(c) : sectionOf(pathOf(c)));
  const returnTo = await sealReturnTo(c.var.deps, { path: back, query, requestedAt: c.var.deps.now() });
  return `${c.var.deps.config.issuer}/login?${new URLSearchParams({ continue: returnTo })}`;
}

/** The section that a form is in. Each link that asks for an account is a section of its own. */
const sectionOf = (path: string): string => {
  const [, section = "", id = ""] = path.split("/");
  return section === "connect" ? `/connect/${id}` : `/${section}`;
};

/** The same for somebody who is already signed in and has to sign in again. */
export const signInAgainLocation = async (c: AppContext, path: string): Promise<string> =>
  `${await signInLocation(c, path)}&${new URLSearchParams({ login_hint: c.var.session.email })}`;

/** The path of this request under the issuer, with its escapes as they came. */
export const pathOf = (c: AppContext): string =>
  rawPath(c).slice(new URL(c.var.deps.config.issuer).pathname.replace(/\/$/, "").length);

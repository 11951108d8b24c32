import { getCookie, setCookie } from "hono/cookie";
import type { AppContext } from "./app-env.ts";

/**
 * Three cookies: a browser's session, the nonce that forms are bound to before there is one, and the mark that somebody
 * has signed in with this browser.
 */
type CookieName = "browser" | "nonce" | "session";

/** `__Host-` pins a cookie to this host over https. Browsers refuse that prefix on http://localhost. */
const isSecure = (c: AppContext) => c.var.deps.config.issuer.startsWith("https:");
const fullName = (c: AppContext, name: CookieName) => `${isSecure(c) ? "__Host-" : ""}gatehouse_${name}`;

export const readCookie = (c: AppContext, name: CookieName): string | null => getCookie(c, fullName(c, name)) ?? null;

/** The session token that a browser sent, or "". */
export const sessionTokenOf = (c: AppContext): string => readCookie(c, "session") ?? "";

/**
 * Sets a cookie for this host alone. Without a lifetime it goes when the browser closes, and with 0 seconds it is
 * removed.
 */
export const writeCookie = (c: AppContext, name: CookieName, value: string, seconds?: number): void =>
  setCookie(c, fullName(c, name), value, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(c),
    ...(seconds === undefined ? {} : { maxAge: seconds }),
  });

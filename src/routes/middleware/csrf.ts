import { createMiddleware } from "hono/factory";
import { encode } from "jose/base64url";
import { hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey, type ServerKey } from "../../lib/key-ring.ts";
import { randomBase64url } from "../../lib/random.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext, AppEnv } from "../app-env.ts";
import { readCookie, writeCookie } from "../cookies.ts";

/** What a browser's pages are bound to: its session, or before sign-in a nonce that is made here. */
export function bindBrowser(c: AppContext): string {
  const bound = readCookie(c, "session") ?? readCookie(c, "nonce") ?? c.get("nonce");
  if (bound) return bound;
  const nonce = randomBase64url();
  writeCookie(c, "nonce", nonce);
  c.set("nonce", nonce);
  return nonce;
}

/** The token that a page's forms carry. */
export const issueCsrfToken = (c: AppContext): Promise<string> => csrfToken(c.var.deps.keys.current, bindBrowser(c));

/**
 * Refuses a form that no page of ours made for this browser. `Origin` is null on our own forms, since our pages send no
 * referrer, so `Sec-Fetch-Site` says more. If a browser sends neither, the token decides.
 */
export const csrf = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header("Origin") ?? "null";
  const site = c.req.header("Sec-Fetch-Site") ?? "same-origin";
  const ownOrigin = new URL(c.var.deps.config.issuer).origin;
  const fromElsewhere = (origin !== "null" && origin !== ownOrigin) || !["same-origin", "none"].includes(site);
  if (fromElsewhere || !(await hasCsrfToken(c))) {
    throw new OAuthError(
      "access_denied",
      "This form has expired or came from another site. Reload the page and try again.",
      {
        status: 403,
        reason: "cross_site",
      },
    );
  }
  await next();
});

async function hasCsrfToken(c: AppContext): Promise<boolean> {
  const bound = readCookie(c, "session") ?? readCookie(c, "nonce");
  const sent = c.var.form.get("csrf");
  if (bound === null || sent === null) return false;
  const expected = await Promise.all(c.var.deps.keys.all.map((key) => csrfToken(key, bound)));
  // Each value is an HMAC under a secret that an attacker doesn't have, so the time that a comparison takes reveals
  // nothing useful.
  return expected.includes(sent);
}

const csrfToken = async (key: ServerKey, bound: string) =>
  encode(await hmacSha256(await deriveHmacKey(key, "csrf"), bound));

import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import { recordRefusal } from "../flows/record-refusal.ts";
import { isUnavailable } from "../lib/unavailable.ts";
import { readClientId } from "../oauth/client-authentication.ts";
import { OAuthError } from "../oauth/errors.ts";
import { TOKEN_SHAPE } from "../oauth/token-kind.ts";
import type { AppContext } from "./app-env.ts";
import { rawQuery } from "./middleware/query.ts";
import { pathOf } from "./middleware/signed-in.ts";
import { ErrorPage } from "./pages/error.tsx";
import { shellOf } from "./shell.ts";

/** Writes every error of the JSON endpoints (RFC 6749 §5.2). */
export function answerJsonError(error: Error, c: AppContext): Response {
  const refusal = toRefusal(error, c);
  setHeaders(c, refusal);
  c.header("X-Request-Id", c.var.deps.requestId);
  const { code, message, connectUri, status } = refusal;
  const mended = connectUri === undefined ? {} : { connect_uri: connectUri };
  // The request id is an extra member. Clients ignore members that they don't know (RFC 6749 §5.2), and many show the
  // whole answer, from which people can copy the id for the owner.
  return c.json({ error: code, error_description: message, ...mended, request_id: c.var.deps.requestId }, status);
}

/** Writes every error of the pages. What a page itself refuses is an `HTTPException` with a sentence. */
export function answerPageError(error: Error, c: AppContext): Response | Promise<Response> {
  const page = {
    shell: shellOf(c),
    fromApp: routePath(c).endsWith("/authorize"),
    retry: retryOf(c),
    reason: null,
    reference: c.var.deps.requestId,
  };
  if (error instanceof HTTPException) {
    const { status, message } = error;
    c.var.deps.log({ level: "info", event: "refused", route: routePath(c), status });
    c.header("Cache-Control", "no-store");
    return c.html(<ErrorPage {...{ ...page, status, message }} />, status);
  }
  const refusal = toRefusal(error, c);
  setHeaders(c, refusal);
  const { status, message, reason } = refusal;
  return c.html(<ErrorPage {...{ ...page, status, message, reason }} />, status);
}

/** The address of a page. A form isn't sent again, and a provider's answer is good once. */
const retryOf = (c: AppContext): string | null =>
  c.req.method === "GET" && !routePath(c).endsWith("/callback/:id")
    ? `${c.var.deps.config.issuer}${pathOf(c)}?${rawQuery(c)}`.replace(/\?$/, "")
    : null;

/** The answer for an address at which there is nothing. */
export function answerNowhere(c: AppContext): Response | Promise<Response> {
  const nothing = new OAuthError("invalid_request", "There is nothing at this address.", { status: 404 });
  const wantsPage = c.req.header("Accept")?.includes("text/html") ?? false;
  return wantsPage ? answerPageError(nothing, c) : answerJsonError(nothing, c);
}

/**
 * The endpoints of apps, of people who connect them, and of MCP servers. A refusal to an owner doesn't explain why an
 * app can't connect.
 */
const RECORDED = new Set(
  "authorize callback connect consent device device_authorization introspect login register revoke setup token tool-calls".split(
    " ",
  ),
);

function toRefusal(error: Error, c: AppContext): OAuthError {
  const refusal = explain(error, c);
  const issuerPath = new URL(c.var.deps.config.issuer).pathname.replace(/\/$/, "");
  const [, endpoint = ""] = routePath(c).slice(issuerPath.length).split("/");
  if (RECORDED.has(endpoint)) recordRefusal(c.var.deps, endpoint, namedClient(c), refusal);
  return refusal;
}

/**
 * `temporarily_unavailable` for errors that may be temporary: clients keep their tokens on it, but throw them away on
 * most others.
 */
function explain(error: Error, c: AppContext): OAuthError {
  const { log } = c.var.deps;
  if (error instanceof OAuthError) {
    log({
      level: "info",
      event: "refused",
      route: routePath(c),
      error: error.code,
      reason: error.reason,
      clientId: namedClient(c),
    });
    return error;
  }
  if (isUnavailable(error)) {
    log({ level: "error", event: "unavailable", route: routePath(c), service: error.service, detail: error.detail });
    return new OAuthError("temporarily_unavailable", "This service can't answer right now.", {
      status: 503,
      reason: "unavailable",
      retryAfterSeconds: 2,
    });
  }
  // Our own fault. The message may hold anything, so only the error's kind and place are logged.
  const place =
    error.stack
      ?.split("\n")
      .find((line) => line.trim().startsWith("at "))
      ?.trim() ?? null;
  const { code = null } = error as { code?: string };
  log({ level: "error", event: "fault", route: routePath(c), kind: error.name, code, place });
  return new OAuthError("temporarily_unavailable", "Something went wrong on our side.", {
    status: 500,
    reason: "fault",
    retryAfterSeconds: 2,
  });
}

/**
 * The app that a request names, proven or not. A text that can't be a client id may be a token in the wrong field, and
 * no log should have that.
 */
function namedClient(c: AppContext): string | null {
  const { params, clientId } = c.var;
  const query = clientId ?? c.req.query("client_id");
  return plausibleId(params ? readClientId(c.req.header("Authorization") ?? null, params) : query);
}

export const plausibleId = (id: unknown): string | null =>
  typeof id === "string" && /^[\w.:/~-]{1,200}$/.test(id) && !TOKEN_SHAPE.test(id) ? id : null;

/** Also replaces the headers of an answer that was under way when the limit was found to be exceeded. */
function setHeaders(c: AppContext, { challenge, status, code, message, retryAfterSeconds }: OAuthError): void {
  c.header("Cache-Control", "no-store");
  c.header("Location", undefined);
  if (retryAfterSeconds !== undefined) c.header("Retry-After", String(retryAfterSeconds));
  if (challenge === "Basic" && status === 401) c.header("WWW-Authenticate", 'Basic realm="gatehouse"');
  if (challenge === "Bearer") {
    c.header("WWW-Authenticate", `Bearer realm="gatehouse", error="${code}", error_description="${message}"`);
  }
  if (challenge === "Bearer without error") c.header("WWW-Authenticate", 'Bearer realm="gatehouse"');
}

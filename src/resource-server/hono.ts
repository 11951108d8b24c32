import type { MiddlewareHandler } from "hono";
import type { Auth } from "./auth.ts";
import type { ResourceServerOptions } from "./options.ts";
import { boundBody, guardHeaders, guardRequest } from "./request-guard.ts";
import { resourceServer as createResourceServer, type ResourceServer } from "./resource-server.ts";
import type { ScopeRequirement } from "./scope-requirement.ts";

/** What `bearerAuth` stores in the context: `c.var.auth`. */
export type AuthVariables = { auth: Auth };

export type HonoResourceServer = ResourceServer & {
  /** Serves the protected resource metadata (RFC 9728 §3) and the issuer's (RFC 8414 §3) at their well-known URLs. */
  metadata(): MiddlewareHandler;
  /** Security headers, CORS for known origins and a limit on bodies, in one. */
  secure(): MiddlewareHandler;
  /** Lets a request with a good token and all of these scopes pass, and answers others with 401, 403, 400 or 503. */
  bearerAuth(...scopes: readonly ScopeRequirement[]): MiddlewareHandler<{ Variables: AuthVariables }>;
};

/**
 * `resourceServer` with middleware for Hono.
 *
 * ```ts
 * app.use(gatehouse.metadata(), gatehouse.secure());
 * app.all("/mcp", gatehouse.bearerAuth("mcp:tools"), (c) => mcp.fetch(c.req.raw, { authInfo: c.var.auth }));
 * ```
 */
export function resourceServer(options: ResourceServerOptions): HonoResourceServer {
  const server = createResourceServer(options);
  const { settings } = server;
  return {
    ...server,
    metadata: () =>
      async function protectedResourceMetadata(c, next) {
        return (await server.metadataResponse(c.req.raw)) ?? next();
      },
    secure: () =>
      async function secure(c, next) {
        const request = guardRequest(settings, c.req.raw) ?? (await boundBody(settings, c.req.raw));
        if (request instanceof Response) c.res = request;
        else {
          c.req.raw = request;
          await next();
        }
        for (const [name, value] of Object.entries(guardHeaders(settings, c.req.header("Origin") ?? null))) {
          c.header(name, value, { append: name === "Vary" });
        }
      },
    bearerAuth: (...scopes) =>
      async function bearerAuth(c, next) {
        const request = c.req.raw;
        const auth = await server.authenticate(request, ...scopes);
        if (auth instanceof Response) return auth;
        c.set("auth", auth);
        await next();
        const answer = server.endWithToken({ request, auth }, c.res);
        if (answer !== c.res) c.res = answer;
        return undefined;
      },
  };
}

import type { MiddlewareHandler } from "hono";
import { authenticate } from "./authenticate.ts";
import { metadataPaths, protectedResourceMetadata } from "./metadata.ts";
import type { Auth, ResourceServerOptions } from "./options.ts";

/** What `bearerAuth` leaves in the context: `c.var.auth`. */
export type AuthVariables = { auth: Auth };

/** Options, or what reads them from the environment where they come with the request (Workers). */
export type OptionsSource = ResourceServerOptions | ((env: never) => ResourceServerOptions);

/**
 * Protects a Hono app as an OAuth resource server (RFC 9728, RFC 6750).
 *
 * ```ts
 * const gatehouse = resourceServer((env: Env) => ({ resource: env.RESOURCE, issuer: env.ISSUER, credential: … }));
 * app.use(gatehouse.metadata());
 * app.use("/mcp", gatehouse.bearerAuth("mcp:tools"));
 * ```
 */
export const resourceServer = (source: OptionsSource) => {
  const read = (env: unknown): ResourceServerOptions => (typeof source === "function" ? source(env as never) : source);
  return {
    /** Serves the protected resource metadata at its well-known URLs, to any origin (RFC 9728 §3). */
    metadata: (): MiddlewareHandler =>
      async function protectedResource(c, next) {
        const options = read(c.env);
        if (c.req.method !== "GET" || !metadataPaths(options).includes(c.req.path)) return next();
        return c.json(protectedResourceMetadata(options), 200, {
          "Access-Control-Allow-Origin": "*",
          "Cache-Control": "public, max-age=300",
        });
      },
    /** Lets a request with a good token and all of these scopes pass; answers 401, 403, 400 or 503 otherwise. */
    bearerAuth: (...scopes: readonly string[]): MiddlewareHandler<{ Variables: AuthVariables }> =>
      async function bearerAuth(c, next) {
        const auth = await authenticate(read(c.env), c.req.raw, scopes);
        if (auth instanceof Response) return auth;
        c.set("auth", auth);
        return next();
      },
  };
};

import type { Auth } from "./auth.ts";
import { guardHeaders, guardRequest } from "./guard.ts";
import type { ResourceServerOptions } from "./options.ts";
import { resourceServer as createResourceServer, type ResourceServer } from "./resource-server.ts";
import type { ScopeRequirement } from "./scope-requirement.ts";

/** What is used of Express's request; Node's own has it too, but for `ip` and `originalUrl`. */
export type NodeRequest = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
  readonly ip?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

export type NodeResponse = {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
};

export type NodeHandler = (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void;

export type ExpressResourceServer = ResourceServer & {
  /** Serves the protected resource metadata at its well-known URLs (RFC 9728 §3). */
  metadata(): NodeHandler;
  /** Security headers, CORS for known origins and a bound on bodies, in one. A body has to say how long it is. */
  secure(): NodeHandler;
  /**
   * Lets a request with a good token and all of these scopes pass; 401, 403, 400 or 503 otherwise. Who calls is left in
   * `request.auth`, where the SDK's transports look for it: `authOf(request)`.
   */
  bearerAuth(...scopes: readonly ScopeRequirement[]): NodeHandler;
};

/**
 * `resourceServer` with middleware for Express and whatever else takes `(request, response, next)`.
 *
 * ```ts
 * app.use(gatehouse.metadata(), gatehouse.secure());
 * app.all("/mcp", gatehouse.bearerAuth("mcp:tools"), toNodeHandler(mcp));
 * ```
 */
export function resourceServer(options: ResourceServerOptions): ExpressResourceServer {
  const server = createResourceServer(options);
  const { settings } = server;
  const read = (request: NodeRequest) => toWebRequest(settings.resource, request);
  return {
    ...server,
    metadata: () => (request, response, next) => {
      const answer = server.metadataResponse(read(request));
      if (answer) void send(response, answer).catch(next);
      else next();
    },
    secure: () => (request, response, next) => {
      const web = read(request);
      for (const [name, value] of Object.entries(guardHeaders(settings, web.headers.get("Origin")))) {
        response.setHeader(name, value);
      }
      const refused = guardRequest(settings, web) ?? refuseUnboundedBody(web);
      if (refused) void send(response, refused).catch(next);
      else next();
    },
    bearerAuth:
      (...scopes) =>
      (request, response, next) => {
        void authenticate(request, response, scopes).then((passes) => (passes ? next() : undefined), next);
      },
  };

  async function authenticate(request: NodeRequest, response: NodeResponse, scopes: readonly ScopeRequirement[]) {
    const auth = await server.authenticate(read(request), ...scopes);
    if (auth instanceof Response) {
      await send(response, auth);
      return false;
    }
    Object.assign(request, { auth: { ...auth, address: auth.address ?? request.ip ?? null } satisfies Auth });
    return true;
  }
}

/** Who calls, as `bearerAuth` left it. Throws where it did not run. */
export function authOf(request: object): Auth {
  const { auth } = request as { readonly auth?: Auth };
  if (auth === undefined) throw new Error("gatehouse: bearerAuth has not run for this request");
  return auth;
}

/**
 * The head of a request; its body is left where it is. The origin is the resource's own: `Host` is the caller's word. What
 * `Request` would throw on (`TRACE`, `OPTIONS *`) stands for something that nothing here answers to.
 */
function toWebRequest(resource: string, { method = "GET", url, originalUrl, headers }: NodeRequest): Request {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(":")) all.set(name, String(value));
  }
  const path = originalUrl ?? url ?? "/";
  return new Request(new URL(resource).origin + (path.startsWith("/") ? path : "/"), {
    method: /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : "PUT",
    headers: all,
  });
}

/** Counting a body as it comes would take it from whoever parses it, so one of unknown length is refused (RFC 9110 §15.5.12). */
const refuseUnboundedBody = ({ headers }: Request): Response | null =>
  headers.has("Transfer-Encoding")
    ? Response.json(
        { error: "invalid_request", error_description: "The request needs a Content-Length." },
        { status: 411, headers: { "Cache-Control": "no-store" } },
      )
    : null;

async function send(response: NodeResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(await answer.text());
}

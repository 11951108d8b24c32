import type { Auth } from "./auth.ts";
import { type BodyRequest, collectBody, saysItsLength } from "./node-body.ts";
import type { ResourceServerOptions } from "./options.ts";
import { guardHeaders, guardRequest, tooLarge } from "./request-guard.ts";
import { resourceServer as createResourceServer, type ResourceServer } from "./resource-server.ts";
import type { ScopeRequirement } from "./scope-requirement.ts";
import { watchToken } from "./token-watch.ts";

/** The parts of Express's request that are used. Node's own request has them too, apart from `ip` and `originalUrl`. */
export type NodeRequest = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
  readonly ip?: string | undefined;
  readonly rawHeaders: readonly string[];
} & BodyRequest;

export type NodeResponse = {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
  readonly headersSent: boolean;
  on(event: "close" | "error", listener: () => void): unknown;
};

export type NodeHandler = (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void;

export type ExpressResourceServer = ResourceServer & {
  /** Serves the protected resource metadata (RFC 9728 §3) and the issuer's (RFC 8414 §3) at their well-known URLs. */
  metadata(): NodeHandler;
  /**
   * Security headers, CORS for known origins and a limit on bodies, in one. Put it before anything that parses bodies.
   */
  secure(): NodeHandler;
  /**
   * Lets a request with a good token and all of these scopes pass, and answers others with 401, 403, 400 or 503. It
   * stores the caller in `request.auth`, where the SDK's transports look for it: `authOf(request)`.
   */
  bearerAuth(...scopes: readonly ScopeRequirement[]): NodeHandler;
};

/**
 * `resourceServer` with middleware for Express and anything else that takes `(request, response, next)`.
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
      void server.metadataResponse(read(request)).then((answer) => (answer ? send(response, answer) : next()), next);
    },
    secure: () => (request, response, next) => {
      const web = read(request);
      for (const [name, value] of Object.entries(guardHeaders(settings, web.headers.get("Origin")))) {
        response.setHeader(name, value);
      }
      const refused = guardRequest(settings, web);
      if (refused) void send(response, refused).catch(next);
      else if (saysItsLength(request)) next();
      else collectBody(request, settings.maxBodyBytes, (fits) => (fits ? next() : send(response, tooLarge(settings))));
    },
    bearerAuth:
      (...scopes) =>
      (request, response, next) => {
        void authenticate(request, response, scopes).then((passes) => (passes ? next() : undefined), next);
      },
  };

  async function authenticate(request: NodeRequest, response: NodeResponse, scopes: readonly ScopeRequirement[]) {
    const web = read(request);
    const auth = await server.authenticate(web, ...scopes);
    if (auth instanceof Response) {
      await send(response, auth);
      return false;
    }
    endResponseWithToken(server, { request: web, auth }, response);
    Object.assign(request, { auth: { ...auth, address: auth.address ?? request.ip ?? null } satisfies Auth });
    return true;
  }
}

/** The caller, as `bearerAuth` stored it. Throws if that didn't run. */
export function authOf(request: object): Auth {
  const { auth } = request as { readonly auth?: Auth };
  if (auth === undefined) throw new Error("gatehouse: bearerAuth has not run for this request");
  return auth;
}

/**
 * The head of a request, without touching its body. The origin is the resource's own, since the caller chooses `Host`.
 * Anything that makes `Request` throw (`TRACE`, `OPTIONS *`) becomes a request that nothing here answers.
 */
function toWebRequest(resource: string, { method = "GET", url, originalUrl, rawHeaders }: NodeRequest): Request {
  const all = new Headers();
  // Node's `headers` keep the first of two `Authorization` headers and drop the second.
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    const [name = "", value = ""] = rawHeaders.slice(n, n + 2);
    if (!name.startsWith(":")) all.append(name, value);
  }
  const path = originalUrl ?? url ?? "/";
  return new Request(new URL(resource).origin + (path.startsWith("/") ? path : "/"), {
    method: /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : "PUT",
    headers: all,
  });
}

/**
 * An answer that is still being written when its token ends is a stream. Its client comes again with a better token.
 */
function endResponseWithToken(
  server: ResourceServer,
  caller: { readonly request: Request; readonly auth: Auth },
  response: NodeResponse,
): void {
  const stop = watchToken(server, caller, () => {
    if (!response.headersSent) return false;
    // Further writes would otherwise crash the process with an unhandled error.
    response.on("error", () => {});
    response.end();
    return true;
  });
  response.on("close", stop);
}

async function send(response: NodeResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(await answer.text());
}

import {
  type AuthInfo,
  type Implementation,
  type McpRequestContext,
  McpServer,
  type McpServerOptions,
  OAuthError,
  OAuthErrorCode,
  type OAuthTokenVerifier,
  type ScopeChallengeHandler,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ToolEntry } from "./access-table.ts";
import { type ConnectRequired, isConnectRequired } from "./account-token.ts";
import { answerAccountError } from "./account-tool-error.ts";
import type { Auth } from "./auth.ts";
import { toAuth } from "./authenticate.ts";
import { offerConnectLink } from "./elicitation.ts";
import type { ResourceServer } from "./resource-server.ts";
import { satisfies } from "./scope-requirement.ts";
import { guardToolCall, recordToolCall, type ToolGuard } from "./tool-guard.ts";

/**
 * For `requireBearerAuth` of the SDK's own packages. If Gatehouse can't be asked, it throws `server_error`, which they
 * answer with 500, while `bearerAuth` and `protect` answer 503.
 */
export const tokenVerifier = ({ settings, verifyToken }: ResourceServer): OAuthTokenVerifier => ({
  verifyAccessToken: async (token): Promise<Auth> => {
    const verified = await verifyToken(token);
    if (verified === "unavailable") {
      throw new OAuthError(OAuthErrorCode.ServerError, "Access tokens can't be checked right now.");
    }
    // There are no headers here that could contain a proof, and a token that is bound to a key may be stolen unless
    // there is one.
    if (verified === "invalid" || verified.jkt !== null || settings.requireDpop) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, "The access token is expired, revoked or not for this server.");
    }
    return toAuth(settings, verified, { address: null, accessToken: token });
  },
});

export type ProtectedTools = ToolGuard & {
  /** Name and version of the MCP server. */
  readonly server: Implementation;
  readonly serverOptions?: McpServerOptions;
  /** Registers tools, resources and prompts. It runs once at start-up and then for every request. */
  readonly register: (server: McpServer, context: McpRequestContext) => void;
};

/**
 * The factory for `createMcpHandler`. Every tool of the server is checked against the access table, counted and
 * recorded. A tool without an entry in the table throws here, at start-up.
 *
 * ```ts
 * const mcp = createMcpHandler(
 *   protectTools(gatehouse, {
 *     server: { name: "weather", version: "1.0.0" },
 *     limit: upstashLimiter({ redis }),
 *     audit: gatehouseSink(gatehouse),
 *     register: (server) => server.registerTool("get_weather", { … }, ({ city }) => …),
 *   }),
 * );
 * ```
 */
export function protectTools(
  gatehouse: ResourceServer,
  { server: implementation, serverOptions, register, ...guard }: ProtectedTools,
): (context?: McpRequestContext) => McpServer {
  const create = (context: McpRequestContext = { era: "modern" }): McpServer => {
    const server = new McpServer(implementation, serverOptions);
    guardServer(gatehouse, guard, server, context.era);
    register(server, context);
    return server;
  };
  create();
  return create;
}

/** The caller of a tool. Throws for a call without authentication, which guarded tools never see. */
export function authOf({ http }: ServerContext): Auth {
  const auth = readAuth(http?.authInfo);
  if (!auth) throw new Error("gatehouse: this call came without authentication");
  return auth;
}

const readAuth = (authInfo: AuthInfo | undefined): Auth | null =>
  authInfo && "subject" in authInfo && "tokenId" in authInfo ? (authInfo as Auth) : null;

/** Which generation of clients is served. The older one doesn't step up once it holds a refresh token. */
type Era = McpRequestContext["era"];

type CallHandler = (request: ToolRequest, context: ServerContext) => Promise<object & { isError?: boolean }>;
type ToolRequest = { readonly params?: { readonly name?: unknown; readonly arguments?: unknown } | undefined };
type Callback = (...parameters: unknown[]) => unknown;

/**
 * Intercepts the SDK in two places: where a tool is registered, and where `tools/call` is handled. So calls that the
 * SDK itself refuses (bad arguments) are counted and recorded too.
 */
function guardServer(gatehouse: ResourceServer, guard: ToolGuard, server: McpServer, era: Era): void {
  const { tools } = gatehouse.settings.access;
  const admitted = new WeakSet<object>();
  const reached = new WeakSet<object>();
  /** Calls that ended because the person has to connect an account. The SDK would turn that into an ordinary error. */
  const connecting = new WeakMap<object, ConnectRequired>();
  const answerConnecting = async (context: object, run: () => unknown): Promise<unknown> => {
    try {
      return await run();
    } catch (error) {
      if (isConnectRequired(error)) connecting.set(context, error);
      return answerAccountError(error);
    }
  };
  let handles = false;

  const setRequestHandler = server.server.setRequestHandler.bind(server.server) as (...all: unknown[]) => void;
  const guardedHandler =
    (handle: CallHandler): CallHandler =>
    async (request, context) => {
      const tool = String(request.params?.name);
      // The SDK has its own answer for a name that nobody registered.
      if (!tools.has(tool)) return handle(request, context);
      const call = { auth: readAuth(context.http?.authInfo), tool, arguments: request.params?.arguments };
      const result = await guardToolCall(
        gatehouse,
        guard,
        call,
        () => {
          admitted.add(context);
          return handle(request, context);
        },
        ({ isError }) => (!isError ? "ok" : reached.has(context) ? "error" : "invalid_input"),
      );
      const required = connecting.get(context);
      return required ? offerConnectLink(server, context, required) : result;
    };
  server.server.setRequestHandler = ((method: string, ...rest: unknown[]) => {
    if (method !== "tools/call") return setRequestHandler(method, ...rest);
    handles = true;
    return setRequestHandler(method, ...rest.slice(0, -1), guardedHandler(rest.at(-1) as CallHandler));
  }) as typeof server.server.setRequestHandler;

  const registerTool = server.registerTool.bind(server) as (...all: unknown[]) => unknown;
  server.registerTool = ((name: string, config: { scopeChallenge?: ScopeChallengeHandler }, callback: Callback) => {
    const entry = tools.get(name);
    if (!entry) throw new Error(`gatehouse: the tool ${name} has no entry in the access table`);
    const scopeChallenge = challengeFor(gatehouse, guard, { name, entry, era, also: config.scopeChallenge });
    const registered = registerTool(name, { ...config, scopeChallenge }, (...parameters: unknown[]) => {
      const context = parameters.at(-1) as object;
      // A tool can be renamed after it was registered, to a name that isn't guarded.
      if (!admitted.has(context)) throw new Error("This tool has no entry in the access table.");
      reached.add(context);
      return answerConnecting(context, () => callback(...parameters));
    });
    if (!handles) throw new Error("gatehouse: leave the capability `tools` out of serverOptions; registering sets it");
    return registered;
  }) as typeof server.registerTool;
}

/** Lets the SDK answer 403 with all the scopes that a tool requires, so that clients step up (MCP authorization). */
const challengeFor =
  (
    gatehouse: ResourceServer,
    guard: ToolGuard,
    tool: {
      readonly name: string;
      readonly entry: ToolEntry;
      readonly era: Era;
      readonly also: ScopeChallengeHandler | undefined;
    },
  ): ScopeChallengeHandler =>
  async (context) => {
    const { name, entry, era, also } = tool;
    const auth = readAuth(context.authInfo);
    if (!auth || satisfies(auth.scopes, entry.scopes)) return also?.(context);
    const call = { tool: name, arguments: context.request.params?.["arguments"] };
    await recordToolCall(gatehouse, guard, { auth, call, entry, outcome: "insufficient_scope", durationMs: 0 });
    const page = `${gatehouse.settings.issuer}/account`;
    const hint = era === "legacy" ? ` If the app does not ask you for it, add it to its connection at ${page}` : "";
    return { scopes: entry.scopes, errorDescription: `This needs a permission that was not granted.${hint}` };
  };

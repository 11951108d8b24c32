import { type Access, MCP_ACCESS } from "./access-table.ts";
import type { GatehouseBinding } from "./binding.ts";

/** How a resource server is set up. */
export type ResourceServerOptions = {
  /** The URI of this MCP server, as clients reach it: `https://weather.example.com/mcp` (RFC 8707 §2). */
  readonly resource: string;
  /** The issuer of the Gatehouse that protects it, without a trailing slash. */
  readonly issuer: string;
  /** What `resource apply` or `resource add` printed: the resource's short id and its introspection secret. */
  readonly credential: { readonly id: string; readonly secret: string };
  /** The name that clients show to people (RFC 9728 §2, `resource_name`). */
  readonly name?: string;
  /** The table of `defineAccess`. Without one: `mcp:tools`, `mcp:resources`, `mcp:prompts`. */
  readonly access?: Access;
  /**
   * How many seconds a positive answer of Gatehouse may be reused, from 0 to 60. With 0, the default, a revoked token
   * is refused at the next request. With more, it is refused that many seconds later at most, and never after the
   * token's own end.
   */
  readonly cacheSeconds?: number;
  /**
   * Whether all tokens have to be bound to a key of the client (DPoP, RFC 9449), by default false. Bound tokens always
   * need a proof.
   */
  readonly requireDpop?: boolean;
  /**
   * How many seconds a stream may go on until its token is looked up again, by default 60. It never goes on past the
   * token's end.
   */
  readonly streamCheckSeconds?: number;
  /** How many milliseconds Gatehouse has for an answer, by default 5000. It is asked once more before giving up. */
  readonly timeoutMs?: number;
  /** A Workers service binding to Gatehouse's entrypoint `ResourceServers`, instead of HTTP. */
  readonly binding?: GatehouseBinding | undefined;
  /**
   * Origins whose pages may call this server, as browsers send them: `["https://app.example.com",
   * "tauri://localhost"]`. All others are refused.
   */
  readonly origins?: readonly string[];
  /** The largest request body, in bytes. By default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * The caller's address, for audit events. The default is `CF-Connecting-IP` on Workers and `request.ip` in Express.
   * Don't use a header that callers can set themselves.
   */
  readonly address?: (request: Request) => string | null;
  /** On Workers, `waitUntil` of `cloudflare:workers`. Without it, answers wait until audit events are written. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
};

/** The options, checked and complete. */
export type Settings = Required<Omit<ResourceServerOptions, "name" | "binding" | "waitUntil">> & {
  readonly name: string | null;
  /**
   * The resource's URI as Gatehouse writes it, including in `aud`: parsed, and without one trailing slash (RFC 8707
   * §2).
   */
  readonly canonical: string;
  readonly binding: GatehouseBinding | null;
  readonly waitUntil: ((work: Promise<unknown>) => void) | null;
};

/** Cloudflare overwrites whatever a client sent. Elsewhere anybody can set the header. */
const addressOnWorkers = (request: Request): string | null =>
  userAgent() === "Cloudflare-Workers" ? request.headers.get("CF-Connecting-IP") : null;

const userAgent = () => (globalThis as { readonly navigator?: { readonly userAgent?: string } }).navigator?.userAgent;

/** Applies the defaults. Throws one Error that names every invalid option, and no secret. */
export function readOptions(options: ResourceServerOptions): Settings {
  const problems = findProblems(options);
  if (problems.length > 0) throw new Error(`gatehouse: the resource server can't start. ${problems.join(" ")}`);
  return {
    resource: options.resource,
    canonical: new URL(options.resource).href.replace(/\/$/, ""),
    issuer: options.issuer,
    credential: options.credential,
    name: options.name ?? null,
    access: options.access ?? MCP_ACCESS,
    cacheSeconds: options.cacheSeconds ?? 0,
    requireDpop: options.requireDpop ?? false,
    streamCheckSeconds: options.streamCheckSeconds ?? 60,
    timeoutMs: options.timeoutMs ?? 5000,
    binding: options.binding ?? null,
    origins: options.origins ?? [],
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    address: options.address ?? addressOnWorkers,
    waitUntil: options.waitUntil ?? null,
  };
}

function findProblems(options: ResourceServerOptions): string[] {
  const { resource, issuer, credential, cacheSeconds = 0, streamCheckSeconds = 60 } = options;
  const { timeoutMs = 5000, maxBodyBytes = 1, origins = [] } = options;
  const rules: [boolean, string][] = [
    [isHttpUrl(resource), "resource is not an http(s) URL without userinfo, query or fragment."],
    [isHttpUrl(issuer) && !issuer.endsWith("/"), "issuer is not an http(s) URL without query and trailing slash."],
    [Boolean(credential?.id), "credential.id is missing."],
    [Boolean(credential?.secret), "credential.secret is missing."],
    [cacheSeconds >= 0 && cacheSeconds <= 60, "cacheSeconds is not between 0 and 60."],
    [streamCheckSeconds > 0 && streamCheckSeconds <= 3600, "streamCheckSeconds is not between 0 and 3600."],
    [timeoutMs > 0, "timeoutMs is not above 0."],
    [maxBodyBytes > 0, "maxBodyBytes is not above 0."],
    [origins.every(isOrigin), "origins has one that is not like https://app.example.com or tauri://localhost."],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function isHttpUrl(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password;
}

/**
 * The origin as browsers send it. `URL` gives no origin for an app's own scheme, so the text is compared as written.
 */
const isOrigin = (text: string): boolean =>
  URL.canParse(text) &&
  (/^https?:/.test(text)
    ? new URL(text).origin === text
    : /^(?!wss?:|ftp:|file:)[a-z][a-z\d+.-]*:\/\/[\w.~-]+(:\d+)?$/.test(text));

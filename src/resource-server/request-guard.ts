import type { Settings } from "./options.ts";

const ALLOWED_HEADERS = /^(accept|authorization|content-type|dpop|last-event-id|mcp-[a-z0-9-]+)$/;

/** Headers of every answer: it is data, never a page. */
export function guardHeaders(settings: Settings, origin: string | null): Record<string, string> {
  return {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    ...(settings.resource.startsWith("https:") ? { "Strict-Transport-Security": "max-age=63072000" } : {}),
    Vary: "Origin",
    ...(origin !== null && isKnownOrigin(settings, origin)
      ? {
          "Access-Control-Allow-Origin": origin,
          "Access-Control-Expose-Headers": "WWW-Authenticate, Retry-After, Mcp-Session-Id",
        }
      : {}),
  };
}

/**
 * The answer to a request that must not go on. A preflight is answered here, and a page of an unknown origin is refused
 * (MCP streamable HTTP, DNS rebinding), as is a body that declares itself too large. Null for all others.
 */
export function guardRequest(settings: Settings, request: Request): Response | null {
  const origin = request.headers.get("Origin");
  if (origin !== null && !isKnownOrigin(settings, origin)) {
    return refuse(403, "access_denied", "Pages of this origin may not call this server.");
  }
  if (origin !== null && request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method")) {
    const asked =
      request.headers
        .get("Access-Control-Request-Headers")
        ?.toLowerCase()
        .split(/\s*,\s*/) ?? [];
    return new Response(null, {
      status: 204,
      headers: {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": asked.filter((name) => ALLOWED_HEADERS.test(name)).join(", "),
        "Access-Control-Max-Age": "600",
      },
    });
  }
  return Number(request.headers.get("Content-Length")) > settings.maxBodyBytes ? tooLarge(settings) : null;
}

/** The request with a body within the size limit, or the answer that refuses it. */
export async function boundBody(settings: Settings, request: Request): Promise<Request | Response> {
  // HTTP itself limits a body to its declared length.
  if (request.body === null || request.headers.has("Content-Length")) return request;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    length += chunk.byteLength;
    if (length > settings.maxBodyBytes) return tooLarge(settings);
    chunks.push(chunk);
  }
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: new Blob(chunks) });
}

/** Adds headers to an answer that may come from elsewhere and be immutable. */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const { body, status, statusText } = response;
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) {
    if (name === "Vary") all.append(name, value);
    else if (!all.has(name)) all.set(name, value);
  }
  return new Response(body, { status, statusText, headers: all });
}

/** The listed origins, the server's own, and on a developer's machine every port of it. */
function isKnownOrigin({ origins, resource }: Settings, origin: string): boolean {
  const own = new URL(resource);
  return origins.includes(origin) || origin === own.origin || (isLoopback(own.origin) && isLoopback(origin));
}

const isLoopback = (origin: string): boolean => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);

export const tooLarge = ({ maxBodyBytes }: Settings): Response =>
  refuse(413, "invalid_request", `The body is larger than ${maxBodyBytes} bytes.`);

const refuse = (status: number, error: string, description: string): Response =>
  Response.json({ error, error_description: description }, { status, headers: { "Cache-Control": "no-store" } });

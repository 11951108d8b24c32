import { createMiddleware } from "hono/factory";
import { parseForm } from "../../lib/form.ts";
import { parseJson } from "../../lib/json.ts";
import { OAuthError, type OAuthErrorCode } from "../../oauth/errors.ts";
import { readUniqueParams } from "../../oauth/params.ts";
import type { AppContext, AppEnv } from "../app-env.ts";

const MAX_BYTES = 64 * 1024;

/**
 * Reads the body into `c.var.body`. A body over 64 KiB is refused before it is read, and one that breaks off is refused
 * too.
 */
export const limitBody = (code: OAuthErrorCode) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { raw } = c.req;
    const bytes = await (isLengthKnown(raw) ? readWhole(raw) : readUpToLimit(raw)).catch(() => {
      throw new OAuthError(code, "The body could not be read completely.");
    });
    if (bytes === "too large") {
      throw new OAuthError(code, `The body is larger than ${MAX_BYTES / 1024} KiB.`, { status: 413 });
    }
    c.set("body", bytes);
    await next();
  });

/** If both headers are present, the length can't be trusted (RFC 9112 §6.3). */
const isLengthKnown = ({ headers }: Request) => headers.has("Content-Length") && !headers.has("Transfer-Encoding");

const readWhole = async (request: Request): Promise<Uint8Array | "too large"> =>
  Number(request.headers.get("Content-Length")) > MAX_BYTES ? "too large" : new Uint8Array(await request.arrayBuffer());

async function readUpToLimit(request: Request): Promise<Uint8Array | "too large"> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > MAX_BYTES) return "too large";
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Reads the form body of an OAuth request (RFC 6749 §3.2) into `c.var.params`. */
export const oauthForm = createMiddleware<AppEnv>(async (c, next) => {
  c.set("params", readUniqueParams(readForm(c)));
  await next();
});

/** Reads the body of one of our own pages' forms into `c.var.form`. */
export const pageForm = createMiddleware<AppEnv>(async (c, next) => {
  c.set("form", new URLSearchParams(readForm(c)));
  await next();
});

/** Reads a JSON body. Throws the endpoint's error code for a malformed one. */
export function readJson(c: AppContext, code: OAuthErrorCode): unknown {
  if (mediaType(c) !== "application/json") throw new OAuthError(code, "The Content-Type has to be application/json.");
  try {
    return parseJson(utf8.decode(c.var.body));
  } catch {
    throw new OAuthError(code, "The body is not readable JSON.");
  }
}

function readForm(c: AppContext): [string, string][] {
  if (mediaType(c) !== "application/x-www-form-urlencoded") {
    throw new OAuthError("invalid_request", "The Content-Type has to be application/x-www-form-urlencoded.");
  }
  const entries = parseForm(tryDecode(c.var.body) ?? "%");
  if (!entries || entries.flat().some((part) => part.includes("\0"))) {
    throw new OAuthError("invalid_request", "The body is not a valid form.");
  }
  return entries;
}

const mediaType = (c: AppContext) => c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function tryDecode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { parseForm } from "../../lib/form.ts";
import { parseJson } from "../../lib/json.ts";
import { OAuthError, type OAuthErrorCode } from "../../oauth/errors.ts";
import { readUniqueParams } from "../../oauth/params.ts";
import type { AppEnv } from "../app-env.ts";

const MAX_BYTES = 64 * 1024;

/** Refuses a body over 64 KiB before it is read, and one that breaks off. */
export function limitBody(code: OAuthErrorCode) {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => {
      throw new OAuthError(code, `The body is larger than ${MAX_BYTES / 1024} KiB.`, { status: 413 });
    },
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    let isRead = false;
    const goOn = () => {
      isRead = true;
      return next();
    };
    try {
      return await limit(c, goOn);
    } catch (error) {
      throw isRead || error instanceof OAuthError ? error : brokenOff(code);
    }
  });
}

const brokenOff = (code: OAuthErrorCode) => new OAuthError(code, "The body could not be read to its end.");

/** Reads the form body of an OAuth request (RFC 6749 §3.2) into `c.var.params`. */
export const oauthForm = createMiddleware<AppEnv>(async (c, next) => {
  c.set("params", readUniqueParams(await readForm(c)));
  await next();
});

/** Reads the body of one of our own pages' forms into `c.var.form`. */
export const pageForm = createMiddleware<AppEnv>(async (c, next) => {
  c.set("form", new URLSearchParams(await readForm(c)));
  await next();
});

/** Reads a JSON body, or throws the error code that the endpoint has for a bad one. */
export async function readJson(c: Context, code: OAuthErrorCode): Promise<unknown> {
  if (mediaType(c) !== "application/json") throw new OAuthError(code, "The Content-Type has to be application/json.");
  try {
    return parseJson(decodeUtf8(await readBody(c)));
  } catch {
    throw new OAuthError(code, "The body is not JSON that can be read.");
  }
}

async function readForm(c: Context): Promise<[string, string][]> {
  if (mediaType(c) !== "application/x-www-form-urlencoded") {
    throw new OAuthError("invalid_request", "The Content-Type has to be application/x-www-form-urlencoded.");
  }
  const entries = parseForm(tryDecode(await readBody(c)) ?? "%");
  if (!entries || entries.flat().some((part) => part.includes("\0"))) {
    throw new OAuthError("invalid_request", "The body is not a valid form.");
  }
  return entries;
}

/** A body that breaks off is the sender's fault. */
const readBody = (c: Context): Promise<ArrayBuffer> =>
  c.req.arrayBuffer().catch(() => {
    throw brokenOff("invalid_request");
  });

const mediaType = (c: Context) => c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();

const decodeUtf8 = (bytes: ArrayBuffer) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

function tryDecode(bytes: ArrayBuffer): string | null {
  try {
    return decodeUtf8(bytes);
  } catch {
    return null;
  }
}

import { OAuthError } from "./errors.ts";

/** Request parameters by name. `resource` alone may repeat (RFC 8707 §2). */
export type Params = {
  readonly values: ReadonlyMap<string, string>;
  readonly resources: readonly string[];
  /** Names that came more than once with a value but mustn't. */
  readonly repeated: readonly string[];
};

const MAX_LENGTH = 8192;

/**
 * Reads request parameters. An empty one is absent, and a repeated one is reported (RFC 6749 §3.1, §3.2). Throws
 * `invalid_request` for a value that no parameter can have.
 */
export function readParams(entries: Iterable<readonly [string, string]>): Params {
  const values = new Map<string, string>();
  const resources: string[] = [];
  const repeated: string[] = [];
  for (const [name, value] of entries) {
    if (value === "") continue;
    if (value.length > MAX_LENGTH) throw new OAuthError("invalid_request", "A parameter is too long.");
    // Postgres can't store NUL, and no parameter has a use for it.
    if (name.includes("\0") || value.includes("\0"))
      throw new OAuthError("invalid_request", "A parameter contains a NUL character.");
    if (name === "resource") resources.push(value);
    else if (values.has(name)) repeated.push(name);
    else values.set(name, value);
  }
  return { values, resources, repeated };
}

/** The same for endpoints that always refuse a repeated parameter. */
export function readUniqueParams(entries: Iterable<readonly [string, string]>): Params {
  const params = readParams(entries);
  const [name] = params.repeated;
  if (name !== undefined) throw new OAuthError("invalid_request", "A parameter was sent more than once.");
  return params;
}

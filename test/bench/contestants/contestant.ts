import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "../load.ts";

export type Grant = { readonly code: string; readonly verifier: string; readonly redirectUri: string };

/** A server under test. All do the same work: a public client with PKCE and rotating refresh tokens. */
export type Contestant = {
  readonly name: string;
  readonly version: string;
  readonly origin: string;
  /** The id of the process that serves. */
  readonly pid: number;
  /** Authorizations that a person has given, each with an unredeemed code. */
  readonly grant: (count: number) => Promise<readonly Grant[]>;
  readonly calls: {
    readonly exchange: (grant: Grant) => Call;
    readonly refresh: (refreshToken: string) => Call;
    readonly verify: (accessToken: string) => Call;
    readonly machine?: () => Call;
    readonly register: () => Call;
    readonly revoke?: (refreshToken: string) => Call;
  };
  readonly stop: () => Promise<void>;
};

export const form = (
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Call => ({
  path,
  headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
  body: new URLSearchParams(fields).toString(),
});

export const json = (path: string, body: unknown): Call => ({
  path,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const basic = (id: string, secret: string) => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` });

export const send = async (origin: string, { path, method = "POST", headers, body }: Call) => {
  const response = await fetch(origin + path, { method, ...(headers ? { headers } : {}), ...(body ? { body } : {}) });
  return { status: response.status, text: await response.text() };
};

export type Tokens = { readonly access_token: string; readonly refresh_token: string };

export const REDIRECT_URI = "https://app.example/callback";
/** The pair of RFC 7636, appendix B, which all requests share. */
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export const toGrant = (code: string): Grant => ({ code, verifier: VERIFIER, redirectUri: REDIRECT_URI });

/** The installed version of a package. */
export async function versionOf(name: string): Promise<string> {
  const file = join(import.meta.dirname, `../node_modules/${name}/package.json`);
  return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}

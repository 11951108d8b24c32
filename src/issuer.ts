import { type Config, type ConfigProblems, type Env, isDevelopment, readConfig } from "./config.ts";
import { createSharedDeps, type SharedDeps } from "./deps.ts";
import { readConfirmedIssuer } from "./flows/confirmed-issuer.ts";
import { createKeyRing } from "./lib/key-ring.ts";
import { isUnavailable } from "./lib/unavailable.ts";

/** For what reads a configuration before there is a request. */
const NOWHERE = "https://unconfirmed.invalid";

/**
 * The configuration of a deployment whose variables name no issuer. It has the issuer that the owner confirmed, or else
 * the address of this request, for the pages on which the owner confirms it.
 */
export async function findIssuer(env: Env, request: Request | null): Promise<Config | ConfigProblems> {
  const config = readConfig(env, { issuer: request ? addressOf(request, env) : NOWHERE, isConfirmed: false });
  if ("problems" in config) return config;
  try {
    const issuer = await readConfirmedIssuer(await prepare(config));
    return issuer === null ? config : readConfig(env, { issuer, isConfirmed: true });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return { problems: ["ISSUER is not set, and the database can't say which was confirmed"] };
  }
}

export const prepare = async (config: Config): Promise<SharedDeps> =>
  createSharedDeps(config, await createKeyRing(config.serverKeys));

/**
 * The address at which the sender's browser sees this server. Cloudflare serves people over https, whatever protocol
 * brought the request here.
 */
function addressOf({ url }: Request, env: Env): string {
  const { origin, host } = new URL(url);
  return isDevelopment(env) ? origin : `https://${host}`;
}

/** What answers before the issuer is confirmed. None of it lets anybody in or gives anything out. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  GET: ["/health", "/setup", "/style.css", "/icon.svg", "/logo", "/page.js", "/setup-link.js", "/passkeys.js"],
  POST: ["/setup", "/setup/address"],
};

export const mayComeBefore = ({ method, url }: Request): boolean =>
  BEFORE[method]?.includes(new URL(url).pathname) ?? false;

import { fetchJson } from "../../lib/safe-fetch.ts";
import { findEndpointProblem } from "../../oauth/provider-endpoint.ts";
import { discoveryUrls, findIssuerProblem, ISSUER_PRESETS, type IssuerChoices } from "../../oauth/trusted-issuer.ts";
import {
  deleteTrustedIssuer,
  disableIssuer,
  enableIssuer,
  insertTrustedIssuer,
  type ListedIssuer,
  listTrustedIssuers,
} from "../../store/trusted-issuers.ts";
import { readKeySet } from "../signing-keys.ts";
import type { AdminDeps } from "./admin-deps.ts";

export type IssuerInput = IssuerChoices;

type Problem = NonNullable<ReturnType<typeof findIssuerProblem>>;

const LIMITS = { maxBytes: 256 * 1024, timeoutMs: 8000 };

/**
 * Trusts an issuer, so that its assertions are good for tokens from now on. Unless the owner gives its keys, discovery
 * finds them.
 */
export async function addIssuer(deps: AdminDeps, choices: IssuerInput): Promise<{ readonly name: string } | Problem> {
  const problem = findIssuerProblem(choices);
  if (problem) return problem;
  const keys = choices.jwks ? { jwksUri: null, fetchedJwks: null } : await findKeys(deps, choices.issuer);
  if ("problem" in keys) return { ...keys, field: "issuer" };
  return (await insertTrustedIssuer(deps.db, { ...choices, ...keys }, deps.actor))
    ? { name: choices.name }
    : { problem: `There is already an issuer ${choices.name}, or one with this address.`, field: "name" };
}

/** The address of an issuer of programs that a preset knows by this name. Null if there is none. */
export const presetIssuer = (name: string): string | null =>
  Object.hasOwn(ISSUER_PRESETS, name) ? (ISSUER_PRESETS[name]?.issuer ?? null) : null;

/** All trusted issuers, with the use that is made of them. */
export const readIssuers = ({ db, actor }: AdminDeps): Promise<ListedIssuer[]> => listTrustedIssuers(db, actor);

/** Disables an issuer and everything that came by it, or enables it again. */
export const setIssuerStatus = ({ db, actor }: AdminDeps, name: string, status: "on" | "off"): Promise<boolean> =>
  (status === "on" ? enableIssuer : disableIssuer)(db, name, actor);

/** Deletes an issuer, with the machines of its rules and everything that came by it. */
export const removeIssuer = ({ db, actor }: AdminDeps, name: string): Promise<boolean> =>
  deleteTrustedIssuer(db, name, actor);

/** The name of a check, and what is wrong. Null if nothing is. */
type IssuerCheck = { readonly what: string; readonly problem: string | null };

/** Checks whether an issuer can be discovered and its keys be fetched. */
export async function checkIssuer(deps: AdminDeps, name: string): Promise<readonly IssuerCheck[] | Problem> {
  const found = (await readIssuers(deps)).find((each) => each.name === name);
  if (!found) return { problem: `There is no issuer ${name}.` };
  const isOn = { what: "It is turned on", problem: found.isEnabled ? null : "it is turned off" };
  if (found.jwks) return [isOn, { what: "Its keys were given by hand", problem: null }];
  const keys = await findKeys(deps, found.issuer);
  if ("problem" in keys) return [isOn, { what: `Discovery at ${found.issuer}`, problem: keys.problem }];
  const moved =
    keys.jwksUri === found.jwksUri ? null : `its keys are at ${keys.jwksUri} now: remove it and add it again`;
  return [isOn, { what: `Discovery at ${found.issuer}`, problem: moved }, { what: "Its keys", problem: null }];
}

type FoundKeys = { readonly jwksUri: string; readonly fetchedJwks: object };

/** Where the keys of an issuer are, by what it says of itself, and what is there. */
async function findKeys({ fetch }: AdminDeps, issuer: string): Promise<FoundKeys | Problem> {
  let problem = "";
  for (const url of discoveryUrls(issuer)) {
    const fetched = await fetchJson(fetch, url, LIMITS);
    if (!fetched.ok) {
      problem ||= `${url} ${fetched.problem}.`;
      continue;
    }
    const said = (fetched.json ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
    if (said.issuer !== issuer)
      return { problem: `${url} is about the issuer ${JSON.stringify(said.issuer)}, which isn't exactly the same.` };
    const jwksUri = String(said.jwks_uri ?? "");
    const wrong = findEndpointProblem(jwksUri, "");
    if (wrong) return { problem: `Its jwks_uri ${wrong}.` };
    const keys = await fetchJson(fetch, jwksUri, LIMITS);
    if (!keys.ok) return { problem: `${jwksUri} ${keys.problem}.` };
    const fetchedJwks = readKeySet(keys.json);
    return fetchedJwks?.keys.length ? { jwksUri, fetchedJwks } : { problem: `There are no keys at ${jwksUri}.` };
  }
  return { problem };
}

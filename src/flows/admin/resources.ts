import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { mintToken } from "../../lib/token.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { isScopeToken } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { deleteResource } from "../../store/resource-deletion.ts";
import {
  insertResource,
  type ResourceScope,
  replaceIntrospectionCredential,
  updateResource,
} from "../../store/resources.ts";
import type { AdminDeps } from "./admin-deps.ts";

type ScopeInput = Pick<ResourceScope, "name" | "description"> & Partial<ResourceScope>;

type ResourceInput = {
  readonly uri: string;
  readonly name: string;
  /** Without any, it gets the three scopes that MCP servers have in common. */
  readonly scopes: readonly ScopeInput[];
  readonly isDefault: boolean;
  /** Null for the configured lifetime of access tokens. */
  readonly accessSeconds?: number | null;
};

/** The credential is shown this once. */
export type ShownCredential = { readonly id: string; readonly uri: string; readonly secret: string };

const DAY = 24 * 60 * 60;
const MAX_SECONDS = 10 * 365 * DAY;

const MCP_SCOPES = [
  { name: "mcp:tools", description: "Use its tools" },
  { name: "mcp:resources", description: "Read its resources" },
  { name: "mcp:prompts", description: "Use its prompts" },
];

/** Adds an MCP server to protect. Returns a sentence about the problem if there is one. */
export async function addResource(
  deps: AdminDeps,
  input: ResourceInput,
): Promise<ShownCredential | { problem: string }> {
  const uri = readResourceUri(input.uri);
  if (typeof uri !== "string") return uri;
  const scopes = input.scopes.length > 0 ? input.scopes : MCP_SCOPES;
  const problem = findScopesProblem(scopes) ?? findAccessProblem(input.accessSeconds);
  if (problem) return { problem };
  const id = randomBase64url(6);
  const secret = await mintToken(deps.keys, TOKEN_KIND.introspectionCredential);
  const resource = {
    id,
    uri,
    name: input.name.trim() || new URL(uri).host,
    isDefault: input.isDefault,
    maxFamilySeconds: null,
    accessSeconds: input.accessSeconds ?? null,
    scopes: scopes.map((scope) => ({ implies: [], isDefault: true, ...scope })),
    credentialDigest: await sha256(secret),
  };
  const added = await insertResource(deps.db, resource, deps.actor);
  return added ? { id, uri, secret } : { problem: "A server with this URL already exists." };
}

/**
 * The canonical URI of a resource that is to be protected. It has no query, since the middleware finds a server by its
 * path.
 */
export function readResourceUri(text: string): string | { problem: string } {
  const uri = canonicalResource(text);
  if (uri === null || text.includes("?"))
    return { problem: "A server's URL has to be an absolute http(s) URL without query or fragment." };
  // Whoever copies a URI from a list, to see or delete what has it, must not mean another one.
  if (canonicalResource(uri) !== uri) return { problem: "A server's URL can't end with two slashes." };
  return uri.length > 2000 ? { problem: "A server's URL can have at most 2,000 characters." } : uri;
}

/** Everything that can be changed about a resource. */
type ResourceTerms = {
  readonly name: string;
  readonly scopes: readonly ResourceScope[];
  readonly isDefault: boolean;
  /** Null for as long as the server allows. */
  readonly maxFamilySeconds: number | null;
  /** The same. */
  readonly accessSeconds: number | null;
};

type TermsProblem = { readonly problem: string; readonly field?: "name" | "maxFamilySeconds" | "accessSeconds" };

/** Changes a resource. Returns a sentence about the problem if there is one, and the term that has it. */
export async function changeResource(
  deps: AdminDeps,
  id: string,
  { name: typed, scopes, ...terms }: ResourceTerms,
): Promise<{ readonly done: true } | TermsProblem> {
  if (scopes.length === 0) return { problem: "A server needs at least one scope." };
  const problem = findScopesProblem(scopes);
  if (problem) return { problem };
  const accessProblem = findAccessProblem(terms.accessSeconds);
  if (accessProblem) return { problem: accessProblem, field: "accessSeconds" };
  const { maxFamilySeconds } = terms;
  if (maxFamilySeconds !== null && !(maxFamilySeconds >= 60 && maxFamilySeconds <= MAX_SECONDS)) {
    return { problem: "Access has to last between a minute and ten years.", field: "maxFamilySeconds" };
  }
  const name = typed.trim().slice(0, 200).toWellFormed();
  if (name === "") return { problem: "Enter a name.", field: "name" };
  return (await updateResource(deps.db, { id }, { name, scopes, terms }, deps.actor))
    ? { done: true }
    : { problem: "There is no such server." };
}

/** Deletes a resource. Everything that was granted for it ends. */
export async function removeResource(
  { db, actor }: AdminDeps,
  id: string,
): Promise<{ readonly done: true } | { readonly problem: string }> {
  return (await deleteResource(db, id, actor)) ? { done: true } : { problem: "There is no such server." };
}

/** What is wrong with a list of scopes, in a sentence. */
export function findScopesProblem(scopes: readonly ScopeInput[]): string | null {
  const names = scopes.map((scope) => scope.name);
  const malformed = names.find((name) => !isScopeToken(name));
  if (malformed !== undefined) return `${malformed} isn't a valid scope name.`;
  if (new Set(names).size < names.length) return "A scope is listed twice.";
  const unknown = scopes.flatMap((scope) => scope.implies ?? []).find((name) => !names.includes(name));
  if (unknown !== undefined) return `${unknown} is implied, but isn't one of the scopes.`;
  const mute = scopes.find((scope) => scope.description.trim() === "");
  if (mute) return `${mute.name} has no sentence. People read it to learn what the scope lets an app do.`;
  return scopes.some((scope) => scope.description.length > 300) ? "The sentence of a scope is too long." : null;
}

/** What is wrong with the lifetime of an access token, in a sentence. */
const findAccessProblem = (seconds: number | null | undefined): string | null =>
  seconds == null || (Number.isInteger(seconds) && seconds >= 60 && seconds <= DAY)
    ? null
    : "An access token has to be good for between a minute and 24 hours.";

/**
 * Gives a resource a new introspection credential. The previous one stays good beside it, and the one before that ends.
 */
export async function rotateResourceCredential(
  deps: AdminDeps,
  uriText: string,
): Promise<ShownCredential | { problem: string }> {
  const uri = canonicalResource(uriText);
  const secret = await mintToken(deps.keys, TOKEN_KIND.introspectionCredential);
  const id = uri && (await replaceIntrospectionCredential(deps.db, uri, await sha256(secret), deps.actor));
  return uri && id ? { id, uri, secret } : { problem: "There is no server with this URL." };
}

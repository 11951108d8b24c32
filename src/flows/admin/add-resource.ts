import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { mintToken } from "../../lib/token.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { isScopeToken } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertResource, replaceIntrospectionCredential } from "../../store/resources.ts";
import { type OwnerDeps, ownerAudit } from "./owner-deps.ts";

export type ResourceInput = {
  readonly uri: string;
  readonly name: string;
  /** Name and sentence of each; none gives the three that MCP servers have in common. */
  readonly scopes: readonly { readonly name: string; readonly description: string }[];
  readonly isDefault: boolean;
};

/** The credential is shown here and never again. */
export type ResourceCredential = { readonly id: string; readonly uri: string; readonly secret: string };

const MCP_SCOPES = [
  { name: "mcp:tools", description: "Use its tools" },
  { name: "mcp:resources", description: "Read its resources" },
  { name: "mcp:prompts", description: "Use its prompts" },
];

/** Adds an MCP server to protect. Answers with the problem, in a sentence, where something won't do. */
export async function addResource(
  deps: OwnerDeps,
  input: ResourceInput,
): Promise<ResourceCredential | { problem: string }> {
  const uri = canonicalResource(input.uri);
  if (uri === null) return { problem: "The URI of a resource is an absolute http(s) URL without a fragment." };
  const scopes = input.scopes.length > 0 ? input.scopes : MCP_SCOPES;
  const malformed = scopes.find((scope) => !isScopeToken(scope.name));
  if (malformed) return { problem: `${malformed.name} can't be the name of a scope.` };
  if (new Set(scopes.map((scope) => scope.name)).size < scopes.length) return { problem: "A scope is there twice." };
  const id = randomBase64url(6);
  const secret = await mintToken(deps.keys, TOKEN_KIND.introspectionCredential);
  const resource = {
    id,
    uri,
    name: input.name.trim() || new URL(uri).host,
    isDefault: input.isDefault,
    maxFamilySeconds: null,
    scopes: scopes.map((scope) => ({ ...scope, isDefault: true })),
    credentialDigest: await sha256(secret),
  };
  const added = await insertResource(deps.db, resource, ownerAudit(deps));
  return added ? { id, uri, secret } : { problem: "There is a resource with this URI already." };
}

/** Gives a resource a new introspection credential; the last one stays good beside it, the one before that ends. */
export async function rotateResourceCredential(
  deps: OwnerDeps,
  uriText: string,
): Promise<ResourceCredential | { problem: string }> {
  const uri = canonicalResource(uriText);
  const secret = await mintToken(deps.keys, TOKEN_KIND.introspectionCredential);
  const id = uri && (await replaceIntrospectionCredential(deps.db, uri, await sha256(secret), ownerAudit(deps)));
  return uri && id ? { id, uri, secret } : { problem: "There is no resource with this URI." };
}

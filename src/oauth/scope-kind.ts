/** The kind of power that a scope gives, judged by its name. */
export type ScopeKind = "read" | "change" | "broad";

const READ = new Set([
  "browse",
  "get",
  "list",
  "profile",
  "prompts",
  "query",
  "read",
  "readonly",
  "resources",
  "search",
  "view",
]);
const BROAD = new Set(["*", "admin", "all", "full", "manage", "owner", "root", "superuser"]);

/**
 * Sorts a scope by the words of its name, so that a person sees at a glance what an app may do. A scope that isn't
 * known to be read-only counts as a change. One that includes several others is broad.
 */
export function scopeKind({
  name,
  implies,
}: {
  readonly name: string;
  readonly implies: readonly string[];
}): ScopeKind {
  const words = name.toLowerCase().split(/[^a-z0-9*]+/);
  if (implies.length > 1 || words.some((word) => BROAD.has(word))) return "broad";
  return words.some((word) => READ.has(word)) ? "read" : "change";
}

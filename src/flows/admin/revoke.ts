import * as z from "../../lib/schema.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { type RevocationTarget, revokeAnyConnection, revokeEverything } from "../../store/emergency-revocation.ts";
import type { AdminDeps } from "./admin-deps.ts";

/**
 * Ends at once everything that was granted to, by or for somebody, in an emergency. Returns how many connections there
 * were.
 */
export async function revokeGrants(
  deps: AdminDeps,
  target: RevocationTarget,
): Promise<{ readonly revoked: number } | { readonly problem: string }> {
  const resourceUri = target.kind === "resource" ? (canonicalResource(target.uri) ?? "") : "";
  const canonical: RevocationTarget = target.kind === "resource" ? { kind: "resource", uri: resourceUri } : target;
  const revoked = await revokeEverything(deps.db, canonical, deps.actor);
  return revoked === null ? { problem: `There is no such ${target.kind}.` } : { revoked };
}

/** Ends one connection. */
export async function endConnection(
  { db, actor }: AdminDeps,
  id: string,
): Promise<{ readonly done: true } | { readonly problem: string }> {
  const ended = z.uuid().safeParse(id).success && (await revokeAnyConnection(db, id, actor));
  return ended ? { done: true } : { problem: "There is no such connection, or it has ended." };
}

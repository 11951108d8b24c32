import { canonicalResource } from "../../oauth/resource.ts";
import {
  type AccessRule,
  type AccessSubject,
  deleteAccessRule,
  listAccessRules,
  updateResourceOpenness,
  upsertAccessRule,
} from "../../store/access-rules.ts";
import { findResource, findResourceOfUri } from "../../store/resource-listing.ts";
import type { ResourceScope } from "../../store/resources.ts";
import type { AdminDeps } from "./admin-deps.ts";

type Outcome = { readonly done: true } | { readonly problem: string };

const NO_SERVER = { problem: "There is no such server." };

export const readAccessRules = ({ db, actor }: AdminDeps, resourceId: string): Promise<AccessRule[]> =>
  listAccessRules(db, resourceId, actor);

/** The id of the server at a URL, or null. */
export async function findResourceId({ db, actor }: AdminDeps, uri: string): Promise<string | null> {
  const canonical = canonicalResource(uri);
  return canonical === null ? null : ((await findResourceOfUri(db, canonical, actor))?.id ?? null);
}

/** Opens a server to everybody, or only to those whom its rules name. */
export const setOpenness = async ({ db, actor }: AdminDeps, resourceId: string, isOpen: boolean): Promise<Outcome> =>
  (await updateResourceOpenness(db, resourceId, isOpen, actor)) ? { done: true } : NO_SERVER;

/**
 * Lets a person, a group or everybody use a server that isn't open, with all of its scopes or only those in `scopes`.
 */
export async function allowAccess(
  { db, actor }: AdminDeps,
  resourceId: string,
  subject: AccessSubject,
  scopes: readonly string[],
): Promise<Outcome> {
  const resource = await findResource(db, resourceId, actor);
  if (!resource) return NO_SERVER;
  const unknown = scopes.find((name) => !resource.scopes.some((scope) => scope.name === name));
  if (unknown !== undefined) return { problem: `${unknown} isn't a scope of this server.` };
  const bound = scopes.length === 0 ? null : withImplied(resource.scopes, scopes);
  if (await upsertAccessRule(db, resourceId, canonicalSubject(subject), bound, actor)) return { done: true };
  return { problem: subject.kind === "group" ? "There is no such group." : "There is no such person." };
}

/** Deletes a rule. People whom no other rule lets in lose their connections at once. */
export const removeAccess = async ({ db, actor }: AdminDeps, resourceId: string, ruleId: string): Promise<Outcome> =>
  (await deleteAccessRule(db, resourceId, ruleId, actor)) ? { done: true } : { problem: "There is no such rule." };

/** The rule that names somebody, or null. */
export async function findAccessRule(
  deps: AdminDeps,
  resourceId: string,
  subject: AccessSubject,
): Promise<AccessRule | null> {
  const wanted = canonicalSubject(subject);
  const name = wanted.kind === "person" ? wanted.email : wanted.kind === "group" ? wanted.name : null;
  const rules = await readAccessRules(deps, resourceId);
  return rules.find((rule) => rule.kind === wanted.kind && rule.name === name) ?? null;
}

const canonicalSubject = (subject: AccessSubject): AccessSubject =>
  subject.kind === "person" ? { kind: "person", email: subject.email.trim().toLowerCase() } : subject;

/** A rule with a scope also allows the scopes that it includes. */
function withImplied(offered: readonly ResourceScope[], names: readonly string[]): string[] {
  const all = new Set(names);
  for (const name of all)
    for (const other of offered.find((scope) => scope.name === name)?.implies ?? []) all.add(other);
  return [...all];
}

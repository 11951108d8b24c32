import * as z from "../../lib/schema.ts";
import { isGroupRule } from "../../oauth/group-rule.ts";
import {
  deleteGroup,
  deleteGroupMember,
  findGroup,
  type Group,
  insertGroup,
  insertGroupMember,
  listGroupMembers,
  listGroups,
  listGroupsOfUser,
  type NewGroup,
} from "../../store/groups.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { toNeedle } from "./lists.ts";
import { type PageOf, toPage } from "./page.ts";

type Outcome = { readonly done: true } | { readonly problem: string; readonly field?: "name" | "rule" };

const LIMIT = 50;

/** A page of groups, by name. `search` is a part of a name. */
export async function readGroupPage(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
): Promise<PageOf<Group>> {
  const query = { search: toNeedle(search, 100), after, limit: LIMIT + 1 };
  return toPage(await listGroups(db, query, actor), LIMIT, ({ name }) => name);
}

/** The first two hundred groups, to choose one. */
export const readGroups = async ({ db, actor }: AdminDeps): Promise<readonly Group[]> =>
  (await listGroups(db, { search: null, after: null, limit: 200 }, actor)).rows;

/** The names of the groups that a person is in. */
export const readGroupsOf = ({ db, actor }: AdminDeps, email: string): Promise<string[]> =>
  listGroupsOfUser(db, email, actor);

/** A group with its members, or null. `which` is its id or its name. */
export async function readGroup(
  deps: AdminDeps,
  which: string,
): Promise<(Group & { readonly members: readonly string[] }) | null> {
  const group = await findGroup(deps.db, { name: which, id: z.uuid().safeParse(which).data ?? null }, deps.actor);
  return group ? { ...group, members: await listGroupMembers(deps.db, group.id, deps.actor) } : null;
}

const TOO_MANY_TO_ASK =
  "A hundred groups follow organizations and teams of this provider already, which is the most that it can be asked about.";

/**
 * Adds a group that the owner keeps by hand, or one whose members a provider names. Returns a sentence about the
 * problem if there is one.
 */
export async function addGroup({ db, actor }: AdminDeps, { name: typed, follows }: NewGroup): Promise<Outcome> {
  const name = typed.trim().toWellFormed();
  if (name === "" || name.length > 100 || /\p{C}/u.test(name))
    return { problem: "A group needs a name of up to 100 characters.", field: "name" };
  if (follows && !isGroupRule(follows.rule)) {
    return {
      problem: `${follows.rule} isn't a rule like org:acme, team:acme/devs, domain:example.com or claim:groups=staff.`,
      field: "rule",
    };
  }
  const outcome = await insertGroup(db, { name, follows }, actor);
  if (outcome === "taken") return { problem: "There is already a group with this name.", field: "name" };
  if (outcome === "full") return { problem: TOO_MANY_TO_ASK, field: "rule" };
  return outcome === "added" ? { done: true } : { problem: "There is no such provider." };
}

/** Deletes a group. Connections that its people had only through it end at once. */
export const removeGroup = async ({ db, actor }: AdminDeps, id: string): Promise<Outcome> =>
  (await deleteGroup(db, id, actor)) ? { done: true } : { problem: "There is no such group." };

const BY_HAND = "There is no such person, or a provider decides who is in this group.";

export const addToGroup = async ({ db, actor }: AdminDeps, id: string, email: string): Promise<Outcome> =>
  (await insertGroupMember(db, id, email.trim().toLowerCase(), actor)) ? { done: true } : { problem: BY_HAND };

/** Removes somebody from a group. Connections that they had only through it end at once. */
export const removeFromGroup = async ({ db, actor }: AdminDeps, id: string, email: string): Promise<Outcome> =>
  (await deleteGroupMember(db, id, email.trim().toLowerCase(), actor)) ? { done: true } : { problem: BY_HAND };

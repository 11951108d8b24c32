import { listUsers, type UserQuery, type UserSummary } from "../../store/user-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type PageOf, toPage } from "./page.ts";

const LIMIT = 50;

/** One person, or null. */
export const readUser = async (deps: AdminDeps, email: string): Promise<UserSummary | null> =>
  (await readUsers(deps, email, null)).items.find((person) => person.email === email) ?? null;

/** A page of people, by default in the order of their addresses. `search` is a part of an address. */
export async function readUsers(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, fromZ = false }: Partial<Pick<UserQuery, "state" | "fromZ">> = {},
): Promise<PageOf<UserSummary>> {
  const needle = search?.trim().toLowerCase().slice(0, 320).toWellFormed() || null;
  const query = { search: needle, after, state, fromZ, limit: LIMIT + 1 };
  return toPage(await listUsers(db, query, actor), LIMIT, ({ email }) => email);
}

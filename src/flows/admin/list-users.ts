import { listUsers, type UserSummary } from "../../store/user-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type Page, toPage } from "./page.ts";

const LIMIT = 50;

/** A page of people in the order of their addresses; `search` is a part of an address. */
export async function readUsers(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
): Promise<Page<UserSummary>> {
  const query = { search: search?.trim().toLowerCase().slice(0, 320).toWellFormed() || null, after, limit: LIMIT + 1 };
  return toPage(await listUsers(db, query, actor), LIMIT, ({ email }) => email);
}

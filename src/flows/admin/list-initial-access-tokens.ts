import * as z from "../../lib/schema.ts";
import {
  type InitialAccessToken,
  listInitialAccessTokens,
  type TokenQuery,
} from "../../store/initial-access-tokens.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type PageOf, toPage } from "./page.ts";

/** Each one has a question before it is revoked, so a page is small. */
const LIMIT = 25;

/** A page of initial access tokens, by default newest first. `search` is a part of a label. */
export async function readInitialAccessTokens(
  { db, actor }: AdminDeps,
  search: string | null = null,
  after: string | null = null,
  { state = null, oldestFirst = false }: Partial<Pick<TokenQuery, "state" | "oldestFirst">> = {},
): Promise<PageOf<InitialAccessToken>> {
  const needle = search?.trim().slice(0, 100).toWellFormed() || null;
  const from = z.uuid().safeParse(after).data ?? null;
  const query = { search: needle, after: from, state, oldestFirst, limit: LIMIT + 1 };
  return toPage(await listInitialAccessTokens(db, query, actor), LIMIT, ({ id }) => id);
}

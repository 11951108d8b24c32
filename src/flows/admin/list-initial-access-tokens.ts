import { type InitialAccessToken, listInitialAccessTokens as listNewest } from "../../store/initial-access-tokens.ts";
import type { AdminDeps } from "./admin-deps.ts";

/** The newest initial access tokens, without the tokens themselves. */
export const listInitialAccessTokens = ({ db, actor }: AdminDeps): Promise<InitialAccessToken[]> =>
  listNewest(db, actor);

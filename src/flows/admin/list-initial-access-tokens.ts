import { type InitialAccessToken, listInitialAccessTokens as listNewest } from "../../store/initial-access-tokens.ts";
import type { OwnerDeps } from "./owner-deps.ts";

/** The newest initial access tokens, without the tokens themselves. */
export const listInitialAccessTokens = ({ db }: OwnerDeps): Promise<InitialAccessToken[]> => listNewest(db);

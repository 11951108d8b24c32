import type { Deps } from "../../deps.ts";
import { type ListedAccount, listLinkedAccounts } from "../../store/linked-account-listing.ts";
import type { Session } from "../login/session.ts";

/** The accounts that a person has linked, with the servers that may use them. */
export const readLinkedAccounts = ({ db }: Deps, { userId }: Session): Promise<ListedAccount[]> =>
  listLinkedAccounts(db, userId);

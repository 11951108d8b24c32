import type { Deps } from "../../deps.ts";
import { createKeyRing, type KeyRing } from "../../lib/key-ring.ts";
import { createKeyWrapper } from "../../lib/key-wrapper.ts";
import { createDatabase } from "../../store/database.ts";

/**
 * What the owner's flows need of a request's `Deps`. Programs on the owner's machine have it too. The flows work
 * without the server's keys, and so do the credentials that they make.
 */
export type AdminDeps = Pick<Deps, "db" | "vault" | "fetch" | "now" | "actor"> & { readonly keys: KeyRing | null };

/** For programs that have the database itself. */
export const createOperatorDeps = async (
  databaseUrl: string,
  serverKey: string | null,
  vaultKeys: readonly string[] = [],
): Promise<AdminDeps> => ({
  db: createDatabase(databaseUrl),
  vault: createKeyWrapper(vaultKeys),
  fetch,
  keys: serverKey === null ? null : await createKeyRing([serverKey]),
  now: () => new Date(),
  get actor() {
    return { now: new Date(), address: null, authority: "operator" } as const;
  },
});

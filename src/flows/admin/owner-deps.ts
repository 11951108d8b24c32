import type { Deps } from "../../deps.ts";
import { createKeyRing, type KeyRing } from "../../lib/key-ring.ts";
import type { AuditContext } from "../../store/audit-events.ts";
import type { Authority } from "../../store/authority.ts";
import { createDatabase, type Database } from "../../store/database.ts";
import { type AuthorityNeeds, personAudit, type Session } from "../login/session.ts";

/**
 * What the owner's acts need: from the command line by who has the database, from the dashboard by a session. Without the
 * server's keys they still work, and so do the credentials they make.
 */
export type OwnerDeps = {
  readonly db: Database;
  readonly keys: KeyRing | null;
  readonly now: () => Date;
  readonly address: string | null;
  readonly authority: Authority;
};

export const ownerAudit = ({ now, address, authority }: OwnerDeps): AuditContext => ({
  now: now(),
  address,
  authority,
});

/** For the dashboard: an owner acts, by their session. What hands a credential out takes one that is `fresh`. */
export const ownerDepsOf = (deps: Deps, session: Session, needs: Pick<AuthorityNeeds, "fresh"> = {}): OwnerDeps => {
  const { address, authority } = personAudit(deps, session, { role: "owner", ...needs });
  return { db: deps.db, keys: deps.keys, now: deps.now, address, authority };
};

/** For programs on the owner's machine, which have the database itself. */
export const createOperatorDeps = async (databaseUrl: string, serverKey: string | null): Promise<OwnerDeps> => ({
  db: createDatabase(databaseUrl),
  keys: serverKey === null ? null : await createKeyRing([serverKey]),
  now: () => new Date(),
  address: null,
  authority: "operator",
});

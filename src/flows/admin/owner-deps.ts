import type { KeyRing } from "../../lib/key-ring.ts";
import type { AuditContext } from "../../store/audit-events.ts";
import type { Database } from "../../store/database.ts";

/** What the owner's commands need; without the server's keys they still work, and so do the credentials they make. */
export type OwnerDeps = { readonly db: Database; readonly keys: KeyRing | null; readonly now: () => Date };

export const ownerAudit = ({ now }: OwnerDeps): AuditContext => ({ now: now(), address: null });

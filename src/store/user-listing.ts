import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { epoch, integer, text } from "./sql.ts";
import { countLiveFamilies } from "./token-families.ts";
import type { UserRole } from "./users.ts";

/** A person as the owner sees them. Times in seconds since 1970. */
export type UserSummary = {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly passkeys: number;
  readonly liveFamilies: number;
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
};

/** A page of people in the order of their addresses, after one of them; `search` is a part of an address. */
export const listUsers = (
  db: Database,
  { search, after, limit }: { readonly search: string | null; readonly after: string | null; readonly limit: number },
  now: Date,
): Promise<UserSummary[]> =>
  db.read<UserSummary>(sql`
    with page as (
      select * from users u
      where u.email > coalesce(${text(after)}, '') and strpos(u.email, coalesce(${text(search)}, '')) > 0
      order by u.email limit ${integer(limit)}),
    ${countLiveFamilies("user_id", now)}
    select u.id, u.email, u.role, u.disabled_at is not null as "disabled", u.password_hash is not null as "hasPassword",
      (select count(*)::int from passkeys p where p.user_id = u.id) as "passkeys",
      coalesce(live.families, 0) as "liveFamilies", ${epoch(sql`u.created_at`)} as "createdAt",
      (select ${epoch(sql`max(s.last_seen_at)`)} from sessions s where s.user_id = u.id) as "lastSeenAt"
    from page u left join live on live.id = u.id order by u.email`);

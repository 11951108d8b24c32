import { type SQL, sql } from "drizzle-orm";
import { epoch } from "./sql.ts";

/** What a person last granted this client for this resource, whether or not it has since ended. */
export type PreviousGrant = {
  readonly scopes: readonly string[];
  /** Seconds since 1970. */
  readonly grantedAt: number;
};

/** The same as JSON, or null. Each argument is an expression for an id. */
export const previousGrant = (userId: SQL, clientId: SQL, resourceId: SQL): SQL => sql`
  (select jsonb_build_object('scopes', to_jsonb(f.scopes), 'grantedAt', ${epoch(sql`f.created_at`)})
    from token_families f
    where f.user_id = ${userId} and f.client_id = ${clientId} and f.resource_id = ${resourceId}
    order by f.created_at desc limit 1)`;

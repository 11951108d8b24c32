import type { Actor } from "./actor.ts";
import { type ProvenClient, provenParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type IssuingGate } from "./gate.ts";
import type { NewTokens } from "./issued-tokens.ts";
import { bytea, integer, text, textArray, timestamptz, uuid } from "./sql.ts";

/** What a client requests in its own name. */
export type MachineRequest = ProvenClient & {
  /** Null for the one that it is registered for. */
  readonly resourceUri: string | null;
  /** Null for the resource's default scopes. */
  readonly scopes: readonly string[] | null;
};

/** Issues an access token to a client in its own name (OAuth 2.1 §4.2), see `gates/grant-to-machine.sql`. */
export const insertMachineToken = (
  db: Database,
  request: MachineRequest,
  tokens: Pick<NewTokens, "familyId" | "accessDigest">,
  accessSeconds: number,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "grant_to_machine_2", {
    ...provenParameters(request),
    resource_uri: text(request.resourceUri),
    scopes: textArray(request.scopes),
    family: uuid(tokens.familyId),
    access: bytea(tokens.accessDigest),
    access_seconds: integer(accessSeconds),
    now: timestamptz(now),
    address: text(address),
  });

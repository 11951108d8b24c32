import { type ClientSummary, listClients as listNewest } from "../../store/client-listing.ts";
import type { OwnerDeps } from "./owner-deps.ts";

const LIMIT = 100;

/** The newest clients. */
export const listClients = ({ db, now }: OwnerDeps): Promise<ClientSummary[]> => listNewest(db, LIMIT, now());

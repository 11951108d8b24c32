import { type RevocationTarget, revokeEverything } from "../../src/store/emergency-revocation.ts";
import {
  deleteProvider,
  insertProvider,
  updateProviderDescription,
  updateProviderResource,
} from "../../src/store/providers.ts";
import { changeRole } from "../../src/store/user-role.ts";
import type { World } from "./crowded-world.ts";
import type { Statements } from "./managing-statements.ts";

const revoke =
  (target: (world: World) => RevocationTarget) =>
  (world: World): Promise<unknown> =>
    revokeEverything(world.db, target(world), world.owner());

/** What an owner says about roles and providers, and what they revoke in an emergency. */
export const BY_OWNERS: Statements = {
  "make a member an owner": ({ db, email, owner }) => changeRole(db, email, "owner", owner()),
  "make an owner a member": ({ db, email, owner }) => changeRole(db, email, "member", owner()),
  "add a provider": ({ db, resourceUri, owner }) => {
    const provider = {
      slug: `p${crypto.randomUUID().slice(0, 8)}`,
      name: "Another",
      kind: "oauth2",
      issuer: "https://another.example",
      clientId: "us",
      secret: null,
      description: {},
      scopes: [],
      signsIn: true,
      joining: ["invited"],
    } as const;
    return insertProvider(db, provider, [resourceUri], owner());
  },
  "what a provider says about itself": ({ db, provider, owner }) =>
    updateProviderDescription(db, provider, { issuer: "another" }, owner()),
  "let a server use a provider": ({ db, provider, resourceUri, owner }) =>
    updateProviderResource(db, provider, resourceUri, { allowed: true }, owner()),
  "let it no more": ({ db, provider, resourceUri, owner }) =>
    updateProviderResource(db, provider, resourceUri, { allowed: false }, owner()),
  "delete a provider": ({ db, provider, owner }) => deleteProvider(db, provider, { toEnd: 10 }, owner()),
  "revoke everything": revoke(() => ({ kind: "all" })),
  "revoke --user": revoke(({ email }) => ({ kind: "user", email })),
  "revoke --client": revoke(({ clientId }) => ({ kind: "client", id: clientId })),
  "revoke --resource": revoke(({ resourceUri }) => ({ kind: "resource", uri: resourceUri })),
};

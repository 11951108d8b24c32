import { consumeAssertion, insertWorkloadToken } from "../../src/store/assertions.ts";
import {
  claimIssuerKeyFetch,
  deleteTrustedIssuer,
  disableIssuer,
  enableIssuer,
  insertTrustedIssuer,
  updateIssuerKeys,
} from "../../src/store/trusted-issuers.ts";
import { insertWorkload } from "../../src/store/workloads.ts";
import type { World } from "./crowded-world.ts";
import type { Statements } from "./managing-statements.ts";
import { digest, LIFETIMES, newTokens, operator, PUBLIC } from "./store-fixture.ts";

const soon = () => new Date(Date.now() + 300_000);

/** What an issuer says of a person, ready to be redeemed by the world's client with a key. */
export const assertionAbout = (
  { clientId, issuerId }: Pick<World, "clientId" | "issuerId">,
  subject: string,
  grantDigest = digest(),
) => ({
  clientId,
  credential: PUBLIC,
  proof: { jkt: "k".repeat(43), digest: digest(), expiresAt: soon() },
  person: {
    issuerId,
    subject,
    email: null,
    joining: { userId: crypto.randomUUID(), email: `${subject}@${issuerId}.invalid` },
    boundJkt: "k".repeat(43),
    resources: null,
    scopes: ["mcp:tools"],
  },
  resourceUri: null,
  requestedScopes: null,
  grantDigest,
  grantExpiresAt: soon(),
});

const name = (world: World) => `i${world.name}`;

/** Every statement about trusted issuers and what comes by them. */
/** The gates that take the word of an issuer. */
export const BY_ASSERTIONS: Statements = {
  "an assertion about a person": (world) =>
    consumeAssertion(world.db, assertionAbout(world, "me"), newTokens(), LIFETIMES, operator()),
  "an assertion about somebody new": (world) =>
    consumeAssertion(world.db, assertionAbout(world, "new"), newTokens(), LIFETIMES, operator()),
  "a program's token": ({ db, workloadId, issuerId }) => {
    const request = { clientId: workloadId, issuerId, resourceUri: null, scopes: null };
    return insertWorkloadToken(
      db,
      { ...request, grantDigest: digest(), grantExpiresAt: soon() },
      newTokens(),
      3600,
      operator(),
    );
  },
};

export const BY_ISSUERS: Statements = {
  "trust an issuer": ({ db, owner }) =>
    insertTrustedIssuer(
      db,
      {
        ...{
          name: `n${digest()[0]}-${Date.now() % 1e6}`,
          issuer: `https://${crypto.randomUUID()}.example`,
          jwks: null,
        },
        ...{ jwksUri: "https://keys.example", fetchedJwks: null, vouches: true, tenant: null, linksAddresses: false },
        ...{ joining: [], refreshes: false },
      },
      owner(),
    ),
  "a rule for programs": ({ db, resourceUri, owner, ...world }) =>
    insertWorkload(
      db,
      {
        ...{ clientId: `client_${crypto.randomUUID()}`, name: "x", fingerprint: digest(), issuer: `i${world.name}` },
        ...{ resourceUri, scope: "mcp:tools", audience: "us", claims: { sub: "x" } },
      },
      owner(),
    ),
  "turn an issuer off": (world) => disableIssuer(world.db, name(world), world.owner()),
  "turn an issuer on": (world) => enableIssuer(world.db, name(world), world.owner()),
  "remove an issuer": (world) => deleteTrustedIssuer(world.db, name(world), world.owner()),
  "claim an issuer's keys": ({ db, issuerId }) => claimIssuerKeyFetch(db, issuerId, 0, new Date()),
  "an issuer's keys": ({ db, issuerId }) =>
    updateIssuerKeys(db, issuerId, { jwksUri: "https://keys.example", jwks: { keys: [] } }, new Date()),
};

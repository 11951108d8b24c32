import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import {
  consumeAuthorizationCode,
  insertAuthorizationCode,
  insertAuthorizationDenial,
} from "../../src/store/authorization-codes.ts";
import { consumeConnectLink, insertConnectDetour } from "../../src/store/connect-links.ts";
import {
  restoreConnectionScopes,
  revokeConnection,
  updateConnectionName,
  updateConnectionScopes,
} from "../../src/store/connections.ts";
import { insertDeviceCode, updateDeviceCodeDecision, updateDeviceCodeViewer } from "../../src/store/device-codes.ts";
import { consumeDeviceCode } from "../../src/store/device-redemptions.ts";
import { revokeAnyConnection } from "../../src/store/emergency-revocation.ts";
import { expiredRows } from "../../src/store/expired-rows.ts";
import { deleteAccountGrants, deleteLinkedAccount } from "../../src/store/linked-account-deletion.ts";
import { leaseAccount, storeLinkedAccount, updateAccountTokens } from "../../src/store/linked-accounts.ts";
import { insertMachineToken } from "../../src/store/machine-tokens.ts";
import { insertProviderState } from "../../src/store/provider-states.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { upsertRefusedRequests } from "../../src/store/refused-requests.ts";
import { revokeToken } from "../../src/store/revocations.ts";
import { findAccountToken } from "../../src/store/token-exchanges.ts";
import { revokeTokenFamilies } from "../../src/store/token-families.ts";
import { insertToolCalls } from "../../src/store/tool-calls.ts";
import type { World } from "./crowded-world.ts";
import { BY_ASSERTIONS, BY_ISSUERS } from "./issuer-statements.ts";
import { MANAGING, type Statements, sessionOf } from "./managing-statements.ts";
import { BY_OWNERS } from "./owner-statements.ts";
import { digest, LIFETIMES, newTokens, operator, PUBLIC, REDIRECT_URI } from "./store-fixture.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const asking = ({ clientId }: World) => ({ clientId, credential: PUBLIC, scopes: null, resourceUri: null });

/** Every gate. */
export const BY_GATES: Statements = {
  consent: (world) =>
    insertAuthorizationCode(
      world.db,
      {
        digest: digest(),
        session: sessionOf(world),
        clientId: world.clientId,
        clientFingerprint: hex(world.digests.fingerprint),
        resourceId: world.resourceId,
        scopes: ["mcp:tools"],
        redirectUri: REDIRECT_URI,
        codeChallenge: "c".repeat(43),
        lifetimeSeconds: 600,
        familySeconds: null,
        userAgent: null,
      },
      operator(),
    ),
  redeem: (world) => redeem(world, world.digests.code),
  "redeem again": (world) => redeem(world, world.digests.spent),
  rotate: (world) =>
    rotateRefreshToken(
      world.db,
      { ...asking(world), digest: world.digests.refresh, caller: digest() },
      { ...newTokens(), sealedAnswer: "sealed" },
      { ...LIFETIMES, reuseSeconds: 0, lostAnswerSeconds: 0 },
      operator(),
    ),
  "revoke an access token": (world) =>
    revokeToken(world.db, { ...asking(world), digest: world.digests.access }, operator()),
  "revoke a refresh token": (world) =>
    revokeToken(world.db, { ...asking(world), digest: world.digests.refresh }, operator()),
  introspect: ({ db, digests }) =>
    findAccessToken(
      db,
      { digest: digests.access, credentialDigest: digests.introspection, resourceId: null },
      operator(),
    ),
  "tool calls": ({ db, digests }) =>
    insertToolCalls(
      db,
      { credentialDigest: digests.introspection, resourceId: null },
      [{ tokenId: hex(digests.access).slice(0, 32), address: null, details: {} }],
      operator(),
    ),
  "a machine's token": ({ db, machineId, digests }) => {
    const credential = { method: "client_secret_basic", secretDigest: digests.secret } as const;
    const request = { clientId: machineId, credential, resourceUri: null, scopes: null };
    return insertMachineToken(db, request, newTokens(), 3600, operator());
  },
  "a device asks": (world) => {
    const code = { digest: digest(), userCodeHash: digest(), lifetimeSeconds: 600, pollSeconds: 5 };
    const request = { ...asking(world), resourceUri: world.resourceUri, scopes: ["mcp:tools"] };
    return insertDeviceCode(world.db, request, code, DEVICE_CODE_GRANT, operator());
  },
  poll: (world) =>
    consumeDeviceCode(
      world.db,
      { ...asking(world), digest: world.digests.device, caller: digest() },
      newTokens(),
      LIFETIMES,
      DEVICE_CODE_GRANT,
      operator(),
    ),
  "end what an app has": ({ db, userId, clientId }) =>
    revokeTokenFamilies(db, { userId, clientId }, "code_replayed", operator()),
  "an account's token": ({ db, digests, provider }) =>
    findAccountToken(
      db,
      {
        credentialDigest: digests.introspection,
        resourceId: null,
        tokenDigest: digests.access,
        provider,
        scopes: null,
        linkDigest: digest(),
      },
      operator(),
    ),
  ...BY_ASSERTIONS,
};

/** What people answer, and what they do with their connections. */
const BY_PEOPLE: Statements = {
  deny: ({ db, digests, clientId, resourceId }) =>
    insertAuthorizationDenial(db, { sessionDigest: digests.session, clientId, resourceId }, operator()),
  "view a device": (world) =>
    updateDeviceCodeViewer(world.db, [world.digests.userCode], sessionOf(world), DEVICE_CODE_GRANT, new Date()),
  "decide about a device": (world) =>
    updateDeviceCodeDecision(
      world.db,
      {
        digest: hex(world.digests.device),
        session: sessionOf(world),
        clientFingerprint: hex(world.digests.fingerprint),
        scopes: ["mcp:tools"],
        familySeconds: null,
        userAgent: null,
      },
      operator(),
    ),
  "undo narrowing": ({ db, familyId, member }) => restoreConnectionScopes(db, familyId, 600, member()),
  narrow: ({ db, familyId, member }) => updateConnectionScopes(db, familyId, ["mcp:tools"], member()),
  "name a connection": ({ db, familyId, member }) => updateConnectionName(db, familyId, "Mine", member()),
  "end a connection": ({ db, familyId, member }) => revokeConnection(db, familyId, member()),
};

const redeem = (world: World, code: Uint8Array) =>
  consumeAuthorizationCode(
    world.db,
    { ...asking(world), digest: code, codeChallenge: "c".repeat(43), redirectUri: REDIRECT_URI },
    newTokens(),
    LIFETIMES,
    operator(),
  );

const sealed = { sealed: "", wrappedKey: "", keyVersion: "1" };
const tokens = { secret: sealed, scopes: ["read"], expiresInSeconds: null };

const ACCOUNTS: Statements = {
  "link an account": ({ db, digests, accountId, member }) =>
    storeLinkedAccount(
      db,
      {
        stateDigest: digests.state,
        linkDigest: digests.connect,
        account: { ...tokens, id: accountId, replaces: 1, subject: "me", label: "me" },
      },
      member(),
    ),
  "consent with accounts": (world) =>
    insertConnectDetour(
      world.db,
      {
        digest: digest(),
        session: sessionOf(world),
        clientId: world.clientId,
        resourceId: world.resourceId,
        needs: [{ provider: world.provider, scopes: ["read"] }],
        skipped: [],
        pending: "",
      },
      world.member(),
    ),
  "use an account": ({ db, digests, member }) => consumeConnectLink(db, digests.connect, { skip: false }, member()),
  "unlink an account": ({ db, accountId, member }) => deleteLinkedAccount(db, accountId, member()),
  "end the use of an account": ({ db, accountId, resourceId, member }) =>
    deleteAccountGrants(db, accountId, [resourceId], member()),
  "lease an account": ({ db, accountId }) =>
    leaseAccount(db, { id: accountId, version: 1 }, crypto.randomUUID(), new Date()),
  "an account's new tokens": ({ db, accountId }) =>
    updateAccountTokens(db, { id: accountId, version: 1 }, tokens, new Date()),
  "go to a provider": ({ db, provider, digests }) =>
    insertProviderState(
      db,
      { digest: digest(), provider, browserDigest: digests.session, purpose: "account", sealed: "" },
      new Date(),
    ),
};

/** Clean-up in two years, when everything has expired. */
const CLEAN_UP: Statements = Object.fromEntries(
  Object.entries(expiredRows({ replaySeconds: 600, auditDays: 365 })).map(([table, deleteExpired]) => [
    `clean-up of ${table}`,
    ({ db }: World) => deleteExpired(db, new Date(Date.now() + 2 * 365 * 86_400_000), 1000),
  ]),
);

/** Every statement of the store that locks a row, all about the same world. */
const RECORDS: Statements = {
  "what was refused": ({ db, clientId }) => {
    const refused = { endpoint: "token", error: "invalid_grant", said: "No.", userAgent: null, count: 1 };
    const rows = ["verifier", "code_expired"].map((reason) => ({
      ...refused,
      clientId,
      reason,
      requestIds: ["an id"],
    }));
    return upsertRefusedRequests(db, rows, new Date());
  },
  "revoke a connection": ({ db, familyId }) => revokeAnyConnection(db, familyId, operator()),
};

export const EVERY_STATEMENT: Statements = {
  ...RECORDS,
  ...MANAGING,
  ...BY_GATES,
  ...BY_PEOPLE,
  ...BY_ISSUERS,
  ...BY_OWNERS,
  ...ACCOUNTS,
  ...CLEAN_UP,
};

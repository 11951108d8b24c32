import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { deleteAccessRule, updateResourceOpenness, upsertAccessRule } from "../../src/store/access-rules.ts";
import { claimUntoldRequests, holdAppRequest, markRequestTold } from "../../src/store/app-requests.ts";
import { deleteAppRule, upsertAppRule } from "../../src/store/app-rules.ts";
import { claimKeyFetch, updateFetchedKeys } from "../../src/store/client-keys.ts";
import { approveClient, disableClient, enableClient } from "../../src/store/client-status.ts";
import {
  type ClientRecord,
  deleteClient,
  insertRegisteredClient,
  updateManagedClient,
  upsertDocumentClient,
} from "../../src/store/clients.ts";
import { replaceRecoveryCodes, updatePassword } from "../../src/store/credentials.ts";
import { updateFollowedGroups } from "../../src/store/followed-groups.ts";
import { deleteGroup, deleteGroupMember, insertGroup, insertGroupMember } from "../../src/store/groups.ts";
import { deleteIdentity, insertIdentity, insertMember, signInWithIdentity } from "../../src/store/identities.ts";
import { insertInitialAccessToken, revokeInitialAccessToken } from "../../src/store/initial-access-tokens.ts";
import { deletePasskey, insertPasskey, updatePasskeyName } from "../../src/store/passkeys.ts";
import { deleteResource } from "../../src/store/resource-deletion.ts";
import { insertResource, replaceIntrospectionCredential, updateResource } from "../../src/store/resources.ts";
import {
  deleteOwnSessions,
  deleteSession,
  findSessionPerson,
  insertSession,
  type SignInProof,
} from "../../src/store/sessions.ts";
import {
  consumeSetupLink,
  deleteSetupLink,
  insertSetupLink,
  type SetupLinkPurpose,
} from "../../src/store/setup-links.ts";
import { deleteUser, disableUser, enableUser } from "../../src/store/user-status.ts";
import { insertUser } from "../../src/store/users.ts";
import type { World } from "./crowded-world.ts";
import { digest, operator, REDIRECT_URI } from "./store-fixture.ts";

export type Statements = Readonly<Record<string, (world: World) => Promise<unknown>>>;

const soon = () => new Date(Date.now() + 600_000);
export const sessionOf = ({ digests }: World) => ({ digest: digests.session, idleSeconds: 36_000 });

const challenge = () => ({ digest: digest(), expiresAt: soon() });
const newSession = () => ({ digest: digest(), replaces: null, userAgent: null, lifetimeSeconds: 3600 });
const newPasskey = () => ({
  id: crypto.randomUUID(),
  name: null,
  aaguid: "bada5566-a7aa-401f-bd96-45619a55120d",
  publicKey: new Uint8Array(1),
  signatureCounter: 0,
  transports: [],
  backedUp: false,
});

const signIn = (world: World, proof: SignInProof) =>
  insertSession(world.db, { ...newSession(), replaces: world.digests.secondSession }, proof, operator());
const setUp = ({ db, digests, name }: World, which: "reset" | "invitation") =>
  consumeSetupLink(
    db,
    {
      digest: digests[which],
      newUserId: crypto.randomUUID(),
      email: `${name}-invited@example.com`,
      credential: { method: "passkey", passkey: newPasskey(), challenge: challenge() },
      session: newSession(),
    },
    operator(),
  );
const link = ({ db, owner }: World, purpose: SetupLinkPurpose) =>
  insertSetupLink(db, { digest: digest(), purpose, expiresAt: soon() }, owner());

const session = () => ({ session: newSession(), authenticatedAt: new Date() });
const identity = ({ provider, digests }: World, state: "signInState" | "joinState" | "identityState") => ({
  stateDigest: digests[state],
  provider,
  subject: state === "signInState" ? "me" : "somebody new",
  label: "me",
});

const IDENTITIES: Statements = {
  "a provider's sign-in": (world) =>
    signInWithIdentity(world.db, identity(world, "signInState"), session(), operator()),
  "join by a provider": (world) =>
    insertMember(
      world.db,
      { ...identity(world, "joinState"), userId: crypto.randomUUID(), email: world.inviteeEmail, byInvitation: true },
      session(),
      operator(),
    ),
  "another identity": (world) => insertIdentity(world.db, identity(world, "identityState"), world.member()),
  "an identity less": ({ db, linkId, member }) => deleteIdentity(db, linkId, member()),
};

const PEOPLE: Statements = {
  "a password sign-in": (world) =>
    signIn(world, { method: "password", userId: world.userId, verifiedHash: null, newHash: "new" }),
  "a passkey sign-in": (world) =>
    signIn(world, {
      method: "passkey",
      passkeyId: `${world.name}1`,
      signatureCounter: 1,
      backedUp: true,
      challenge: challenge(),
    }),
  "a recovery code": (world) => signIn(world, { method: "recovery_code", digest: world.digests.recovery }),
  "a page": (world) => findSessionPerson(world.db, sessionOf(world), new Date()),
  "sign-out": ({ db, digests }) => deleteSession(db, digests.secondSession, operator()),
  "sign-out everywhere else": ({ db, member }) => deleteOwnSessions(db, "others", member()),
  "another password": ({ db, member }) => updatePassword(db, "new", member()),
  "other recovery codes": ({ db, member }) => replaceRecoveryCodes(db, [digest()], member()),
  "a new passkey": ({ db, member }) => insertPasskey(db, newPasskey(), challenge(), member()),
  "a passkey's name": ({ db, member, name }) => updatePasskeyName(db, `${name}1`, "New", member()),
  "a passkey less": ({ db, member, name }) => deletePasskey(db, `${name}2`, member()),
  "a new person": ({ db, name, owner }) =>
    insertUser(db, { email: `${name}-invited@example.com`, role: "member", passwordHash: null }, owner()),
  disable: ({ db, email, owner }) => disableUser(db, email, owner()),
  enable: ({ db, email, owner }) => enableUser(db, email, owner()),
  "delete a person": ({ db, email, owner }) => deleteUser(db, email, owner()),
  invite: (world) => link(world, { kind: "invitation", role: "member", email: world.inviteeEmail }),
  "make a reset link": (world) => link(world, { kind: "reset", email: world.email }),
  "void a link": ({ db, linkId, owner }) => deleteSetupLink(db, linkId, owner()),
  "follow an invitation": (world) => setUp(world, "invitation"),
  "follow a reset link": (world) => setUp(world, "reset"),
};

const record = (world: World): ClientRecord => ({
  name: "Racer",
  clientUri: null,
  redirectUris: [REDIRECT_URI],
  grantTypes: ["authorization_code", "refresh_token", DEVICE_CODE_GRANT],
  scope: null,
  applicationType: "web",
  authenticationMethods: ["none"],
  secretDigest: null,
  jwks: null,
  jwksUri: null,
  fingerprint: world.digests.fingerprint,
});

const register = (world: World, maxUnused: number) =>
  insertRegisteredClient(
    world.db,
    { ...record(world), id: crypto.randomUUID(), registration: "dynamic", registrationDigest: null, approved: false },
    { initialAccessDigest: world.digests.initial },
    maxUnused,
    // After the hour in which none is deleted.
    { ...operator(), now: new Date(Date.now() + 2 * 60 * 60 * 1000) },
  );

const CLIENTS: Statements = {
  "register a client": (world) => register(world, 1000),
  "register a client where one has to go": (world) => register(world, 1),
  "a client's change": (world) =>
    updateManagedClient(
      world.db,
      { id: world.clientId, registrationDigest: world.digests.registration },
      record(world),
      1000,
      operator(),
    ),
  "a document": (world) =>
    upsertDocumentClient(world.db, { ...record(world), id: world.documentId, freshUntil: soon() }, operator()),
  "claim keys": ({ db, clientId }) => claimKeyFetch(db, clientId, 0, new Date()),
  "fetched keys": ({ db, clientId }) =>
    updateFetchedKeys(db, clientId, { jwksUri: "https://keys.example", jwks: { keys: [] } }, new Date()),
  approve: ({ db, clientId, owner }) => approveClient(db, clientId, null, owner()),
  block: ({ db, clientId, owner }) => disableClient(db, clientId, owner()),
  unblock: ({ db, clientId, owner }) => enableClient(db, clientId, owner()),
  "delete a client": ({ db, clientId, owner }) => deleteClient(db, { id: clientId, registrationDigest: null }, owner()),
  "a client deletes itself": ({ db, clientId, digests }) =>
    deleteClient(db, { id: clientId, registrationDigest: digests.registration }, operator()),
};

const appRule = { kind: "redirect", pattern: "app.example" } as const;

const APPS: Statements = {
  "keep an app out": ({ db, owner }) => upsertAppRule(db, { ...appRule, decision: "refuse" }, owner()),
  "let an app in": ({ db, owner }) => deleteAppRule(db, appRule, owner()),
  "hold an app": (world) =>
    holdAppRequest(
      world.db,
      {
        id: crypto.randomUUID(),
        session: sessionOf(world),
        ...{ clientId: world.documentId, resourceId: world.resourceId, scopes: [], redirectHost: "app.example" },
      },
      world.member(),
    ),
  "claim requests": ({ db }) => claimUntoldRequests(db, { id: null, maxTries: 2, limit: 20 }),
  "a request was told": ({ db, requestId }) => markRequestTold(db, requestId, new Date()),
};

const scopes = [{ name: "mcp:tools", description: "Use its tools now", implies: [], isDefault: true }];

const RESOURCES: Statements = {
  "add a server": ({ db, owner }) => {
    const [id, credentialDigest] = [crypto.randomUUID(), digest()];
    const resource = {
      id,
      uri: `https://${id}.example/mcp`,
      name: "New",
      maxFamilySeconds: null,
      accessSeconds: null,
      scopes,
    };
    return insertResource(db, { ...resource, isDefault: true, credentialDigest }, owner());
  },
  "resource apply": ({ db, resourceUri, owner }) =>
    updateResource(
      db,
      { uri: resourceUri },
      { name: "Applied", scopes, terms: { isDefault: true, maxFamilySeconds: null, accessSeconds: null } },
      owner(),
    ),
  "another introspection credential": ({ db, resourceUri, owner }) =>
    replaceIntrospectionCredential(db, resourceUri, digest(), owner()),
  "an initial access token": ({ db, resourceUri, owner }) =>
    insertInitialAccessToken(db, { digest: digest(), label: "New", resourceUri, uses: 1, expiresAt: null }, owner()),
  "void an initial access token": ({ db, linkId, owner }) => revokeInitialAccessToken(db, linkId, owner()),
  "delete a server": ({ db, resourceId, owner }) => deleteResource(db, resourceId, owner()),
};

const ACCESS: Statements = {
  "a provider's word about groups": ({ db, provider, followedGroupId }) =>
    updateFollowedGroups(db, { provider, subject: "me" }, { in: [followedGroupId], out: [] }, operator()),
  "the opposite": ({ db, provider, followedGroupId }) =>
    updateFollowedGroups(db, { provider, subject: "me" }, { in: [], out: [followedGroupId] }, operator()),
  "open a server": ({ db, resourceId, owner }) => updateResourceOpenness(db, resourceId, true, owner()),
  "restrict a server": ({ db, resourceId, owner }) => updateResourceOpenness(db, resourceId, false, owner()),
  "let a person use a server": ({ db, resourceId, email, owner }) =>
    upsertAccessRule(db, resourceId, { kind: "person", email }, ["mcp:tools"], owner()),
  "let a group use a server": ({ db, resourceId, name, owner }) =>
    upsertAccessRule(db, resourceId, { kind: "group", name }, null, owner()),
  "take a server from a person": ({ db, resourceId, ruleIds, owner }) =>
    deleteAccessRule(db, resourceId, ruleIds.person, owner()),
  "take a server from a group": ({ db, resourceId, ruleIds, owner }) =>
    deleteAccessRule(db, resourceId, ruleIds.group, owner()),
  "a new group": ({ db, provider, owner }) =>
    insertGroup(db, { name: crypto.randomUUID(), follows: { provider, rule: "org:acme" } }, owner()),
  "join a group": ({ db, groupId, email, owner }) => insertGroupMember(db, groupId, email, owner()),
  "leave a group": ({ db, groupId, email, owner }) => deleteGroupMember(db, groupId, email, owner()),
  "delete a group": ({ db, groupId, owner }) => deleteGroup(db, groupId, owner()),
};

/** Statements about people, clients, resources and who may use them. */
export const MANAGING: Statements = { ...PEOPLE, ...IDENTITIES, ...CLIENTS, ...APPS, ...RESOURCES, ...ACCESS };

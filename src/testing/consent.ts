import { randomBytes } from "node:crypto";
import type { AdminDeps } from "../flows/admin/admin-deps.ts";
import { createClient } from "../flows/admin/create-client.ts";
import { sha256 } from "../lib/hash.ts";
import { randomBase64url } from "../lib/random.ts";
import { mintToken } from "../lib/token.ts";
import { codeChallengeOf } from "../oauth/pkce.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";
import type { SessionKey } from "../store/actor.ts";
import { insertAuthorizationCode } from "../store/authorization-codes.ts";
import { findAuthorizationContext } from "../store/authorization-contexts.ts";
import { insertSession } from "../store/sessions.ts";
import { findUserByEmail, insertUser } from "../store/users.ts";

const REDIRECT_URI = "http://127.0.0.1/callback";
const CODE_SECONDS = 600;
const SESSION_SECONDS = 86_400;

/** What an app redeems at `/token`. */
type CodeGrant = {
  readonly grant_type: "authorization_code";
  readonly code: string;
  readonly code_verifier: string;
  readonly redirect_uri: string;
};

/** Signs a person in, with the same statement as the sign-in page. */
export async function signInPerson({ db, actor }: AdminDeps, person: string): Promise<SessionKey> {
  const email = person.trim().toLowerCase();
  await insertUser(db, { email, role: "member", passwordHash: null }, actor);
  const user = await findUserByEmail(db, email);
  const session = {
    digest: new Uint8Array(randomBytes(32)),
    replaces: null,
    userAgent: "test",
    lifetimeSeconds: SESSION_SECONDS,
  };
  const proof = { method: "password", userId: user?.id ?? "", verifiedHash: null, newHash: null } as const;
  if (!(await insertSession(db, session, proof, actor))) throw new Error(`${email} may not sign in.`);
  return { digest: session.digest, idleSeconds: SESSION_SECONDS };
}

/** An app as its owner registers it. */
export async function registerApp(deps: AdminDeps, name: string): Promise<string> {
  const metadata = {
    client_name: name,
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const created = await createClient(deps, metadata, []);
  if ("problem" in created) throw new Error(created.problem);
  return created.clientId;
}

/**
 * Does what submitting the consent page does: the database function that issues the code checks the session, the app as
 * it was shown, and the scopes that are offered.
 */
export async function allow(
  deps: AdminDeps,
  session: SessionKey,
  asked: { readonly clientId: string; readonly resource: string; readonly scopes: readonly string[] | null },
): Promise<CodeGrant> {
  const { clientId, scopes } = asked;
  const query = { session, clientId, redirectHost: null, resourceUri: asked.resource, scopes };
  const { client, resource } = await findAuthorizationContext(deps.db, query, deps.now());
  if (!client || !resource) throw new Error(`There is no server ${asked.resource}.`);
  const offered = resource.scopes.map(({ name }) => name);
  const unknown = (scopes ?? []).filter((name) => !offered.includes(name));
  if (unknown.length > 0) throw new Error(`${asked.resource} has no scope ${unknown.join(", ")}.`);
  const [code, verifier] = [await mintToken(deps.keys, TOKEN_KIND.authorizationCode), randomBase64url()];
  const isIssued = await insertAuthorizationCode(
    deps.db,
    {
      digest: await sha256(code),
      session,
      clientId,
      clientFingerprint: client.fingerprint,
      resourceId: resource.id,
      scopes: scopes ?? resource.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name),
      redirectUri: REDIRECT_URI,
      codeChallenge: await codeChallengeOf(verifier),
      lifetimeSeconds: CODE_SECONDS,
      familySeconds: null,
      userAgent: "test",
    },
    deps.actor,
  );
  if (!isIssued) throw new Error("The person was disabled, or their session has ended.");
  return { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
}

import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { isPlausibleToken, mintToken } from "../../lib/token.ts";
import { clientInformation } from "../../oauth/client-information.ts";
import { readClientMetadata } from "../../oauth/client-metadata.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type Admission, insertRegisteredClient as insertRegistered } from "../../store/clients.ts";
import { metadataPolicy, needsSecret, toClientRecord } from "./client-record.ts";

/** Registers a client dynamically (RFC 7591 §3), if the server's policy admits it. */
export async function registerClient(
  deps: Deps,
  initialAccessToken: string | null,
  input: unknown,
): Promise<Record<string, unknown>> {
  const { keys } = deps;
  const admission = await readAdmission(deps, initialAccessToken);
  const metadata = readClientMetadata(input, metadataPolicy(deps));
  const id = `client_${randomBase64url(16)}`;
  const secret = needsSecret(metadata) ? await mintToken(keys, TOKEN_KIND.clientSecret) : null;
  const token = await mintToken(keys, TOKEN_KIND.registrationAccessToken);
  const client = {
    ...(await toClientRecord(metadata, secret === null ? null : await sha256(secret))),
    id,
    registration: "dynamic",
    registrationDigest: await sha256(token),
    approved: false,
  } as const;
  const actor = deps.actor;
  const stored = await insertRegistered(deps.db, client, admission, deps.config.maxUnusedClients, actor);
  if (stored === "full") throw noRoom(deps);
  if (!stored) throw admission === "open" ? notRegistered() : badInitialAccessToken();
  const effective = { ...metadata, ...stored };
  return clientInformation(id, actor.now, effective, secret, { uri: managementUri(deps, id), token });
}

/** Where a client manages itself (RFC 7592 §2). */
export const managementUri = ({ config }: Deps, clientId: string): string => `${config.issuer}/register/${clientId}`;

/** How the client is admitted. */
async function readAdmission({ config, keys }: Deps, token: string | null): Promise<Admission> {
  const { registrationPolicy } = config;
  if (registrationPolicy === "closed") throw notRegistered();
  if (token === null) {
    if (registrationPolicy === "open") return "open";
    throw new OAuthError("invalid_token", "Registration needs an initial access token.", {
      status: 401,
      reason: "policy",
      challenge: "Bearer without error",
    });
  }
  if (!(await isPlausibleToken(keys, TOKEN_KIND.initialAccessToken, token))) throw badInitialAccessToken();
  return { initialAccessDigest: await sha256(token) };
}

/** So many clients have registered or changed within the hour that it is a flood, which the owner is told about. */
export function noRoom(deps: Deps): OAuthError {
  auditRefusal(deps, { name: "registration_refused" });
  return new OAuthError(
    "temporarily_unavailable",
    "Too many apps have registered or changed here. Try again in an hour.",
    {
      status: 503,
      reason: "policy",
      retryAfterSeconds: 60 * 60,
    },
  );
}

const notRegistered = () =>
  new OAuthError("access_denied", "This server does not register clients.", {
    status: 403,
    reason: "policy",
    challenge: "Bearer without error",
  });

const badInitialAccessToken = () =>
  new OAuthError("invalid_token", "The initial access token is not valid.", {
    status: 401,
    reason: "bad_credential",
    challenge: "Bearer",
  });

import { textOf, textsOf } from "./answer.ts";
import { type AssertionSigner, createSigner } from "./assertion-signer.ts";
import { usesDocument } from "./client-identification.ts";
import { CLIENT_PROFILES, type ClientProfile, INSPECTOR_ORIGIN } from "./client-profiles.ts";
import type { Evidence, Registration, RegistrationEvidence, WalkingClient } from "./evidence.ts";
import type { Prober } from "./prober.ts";

export type Registered = {
  readonly evidence: Omit<RegistrationEvidence, "made" | "deleted">;
  /** The client that the doctor acts for: the given one, or else its own. Null if it couldn't register. */
  readonly own: WalkingClient | null;
  /** A client that signs assertions, if the server accepts them. */
  readonly signing: { readonly clientId: string; readonly signer: AssertionSigner } | null;
  /** Deletes the registrations. Returns how many there were and how many are deleted. */
  deleteAll(): Promise<Pick<RegistrationEvidence, "made" | "deleted">>;
};

/** What the doctor registers for itself: a native app, as RFC 8252 describes it. */
const ownMetadata = (redirectUri: string) => ({
  client_name: "Gatehouse doctor",
  redirect_uris: [redirectUri],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
  application_type: "native",
});

/** Without an account, nobody has to listen on this port, since no answer is expected. */
export const REDIRECT_URI = "http://127.0.0.1:53219/callback";

type RegistrationOptions = {
  readonly readOnly: boolean;
  readonly redirectUri?: string;
  /** A client that a person registered by hand. With it, nothing is registered and nothing deleted. */
  readonly client?: WalkingClient;
};

/** Registers as each client that would register here, and as clients that should be refused. */
export async function register(
  { server }: Pick<Evidence, "server">,
  prober: Prober,
  { readOnly, redirectUri = REDIRECT_URI, client }: RegistrationOptions,
): Promise<Registered> {
  const metadata = server.found?.json ?? null;
  const endpoint = textOf(metadata, "registration_endpoint");
  if (!endpoint || readOnly || client)
    return {
      evidence: { own: null, script: null, fragment: null, clients: new Map() },
      own: client ?? null,
      signing: null,
      deleteAll: async () => ({ made: 0, deleted: 0 }),
    };

  const made: Registration[] = [];
  const post = async (sent: Registration["sent"], headers = {}): Promise<Registration> => {
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(sent),
    };
    const answer = await prober.send(endpoint, init);
    const registration = { sent, answer, clientId: textOf(answer.json, "client_id") };
    if (registration.clientId) made.push(registration);
    if (canBeDeleted(registration)) prober.hold(1);
    return registration;
  };

  const own = await post(ownMetadata(redirectUri));
  const script = await post(ownMetadata("javascript:alert(1)//callback"));
  const fragment = await post(ownMetadata("https://client.invalid/callback#fragment"));
  const clients = new Map<string, Registration>();
  for (const profile of CLIENT_PROFILES.filter((each) => !usesDocument(each, metadata))) {
    const sent = registrationOf(profile, textsOf(metadata, "grant_types_supported"));
    clients.set(profile.key, await post(sent, profile.inBrowser ? { Origin: INSPECTOR_ORIGIN } : {}));
  }
  let deletion: ReturnType<Registered["deleteAll"]> | null = null;
  let signing: Registered["signing"] = null;
  if (textsOf(metadata, "token_endpoint_auth_methods_supported")?.includes("private_key_jwt")) {
    const signer = await createSigner();
    const { application_type: _, ...web } = ownMetadata(redirectUri);
    const keys = {
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: signer.algorithm,
      jwks: { keys: [signer.publicKey] },
    };
    const { clientId } = await post({ ...web, ...keys });
    if (clientId) signing = { clientId, signer };
  }
  return {
    evidence: { own, script: script.answer, fragment: fragment.answer, clients },
    own: own.clientId ? { clientId: own.clientId, redirectUri } : null,
    signing,
    deleteAll: () => {
      deletion ??= deleteAll(made, prober).then((deleted) => ({ made: made.length, deleted }));
      return deletion;
    },
  };
}

const canBeDeleted = ({ answer: { json } }: Registration): boolean =>
  textOf(json, "registration_client_uri") !== null && textOf(json, "registration_access_token") !== null;

/** Deletes the registrations (RFC 7592 §2.3), if the server allows that. Returns how many are deleted. */
async function deleteAll(made: readonly Registration[], prober: Prober): Promise<number> {
  let deleted = 0;
  for (const { answer } of made.filter(canBeDeleted)) {
    prober.hold(-1);
    const headers = { Authorization: `Bearer ${textOf(answer.json, "registration_access_token")}` };
    const { status } = await prober.send(textOf(answer.json, "registration_client_uri") ?? "", {
      method: "DELETE",
      headers,
    });
    if (status === 204) deleted++;
  }
  return deleted;
}

/** What a client sends to the registration endpoint of a server that offers these grants. */
function registrationOf({ registers, choosesGrants }: ClientProfile, offered: readonly string[] | null) {
  if (!choosesGrants || !offered) return registers;
  const grants = textsOf(registers, "grant_types")?.filter((grant) => offered.includes(grant));
  return { ...registers, grant_types: grants };
}

import { type Answer, textOf, textsOf } from "./answer.ts";
import { readBearerChallenge } from "./bearer-challenge.ts";
import { takesDocuments, usesDocument } from "./client-identification.ts";
import { CLIENT_PROFILES, type ClientProfile } from "./client-profiles.ts";
import type { AuthorizeEvidence, AuthorizeProbe, Evidence, WalkingClient } from "./evidence.ts";
import type { Prober } from "./prober.ts";
import type { Registered } from "./walk-registration.ts";

type Seen = Pick<Evidence, "target" | "resource" | "server"> & { readonly registered: Registered };

/** A challenge of any verifier will do, since no code for it is ever redeemed. */
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** Goes to the authorization endpoint as each client, and with faulty requests. */
export async function askAuthorize(seen: Seen, prober: Prober): Promise<AuthorizeEvidence> {
  const metadata = seen.server.found?.json ?? null;
  const endpoint = textOf(metadata, "authorization_endpoint");
  const client = walkingClient(seen);
  const origin = originOf(client, seen.registered);
  // The server must return exactly this text. If it pasted it into a URL unescaped, the text would add an `iss`.
  const state = `${crypto.randomUUID()}&iss=forged`;
  const nothing = { client, origin, state, probes: new Map(), page: null, clients: new Map() };
  if (!endpoint || !URL.canParse(endpoint)) return nothing;

  const send = (params: Readonly<Record<string, string>>): Promise<Answer> => {
    const url = new URL(endpoint);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return prober.send(url, { headers: { Accept: "text/html" } });
  };
  const base = authorizeParams(seen, state);
  const probes = new Map<AuthorizeProbe, Answer>();
  const stranger = { client_id: `unknown-${crypto.randomUUID()}`, redirect_uri: "https://client.invalid/callback" };
  probes.set("unknown client", await send({ ...base, ...stranger }));
  if (client) {
    for (const [probe, params] of wrongRequests(base, client)) probes.set(probe, await send(params));
  }
  const written = asLibrariesWrite(base["resource"]);
  const clients = new Map<string, Answer>();
  for (const profile of CLIENT_PROFILES) {
    const shown = showsItselfAs(profile, seen);
    if (!shown) continue;
    const scope = base["scope"] ?? profile.fallbackScope;
    const identity = { client_id: shown.clientId, redirect_uri: shown.redirectUri };
    clients.set(profile.key, await send({ ...base, ...written, ...identity, ...(scope ? { scope } : {}) }));
  }
  const page = await openPage(endpoint, probes.get("good"), prober);
  return { client, origin, state, probes, page, clients };
}

/**
 * The page that a correct request leads to, if it is on the same origin, requested with the cookies as a browser would.
 */
async function openPage(endpoint: string, good: Answer | undefined, prober: Prober): Promise<Answer | null> {
  if (!good || good.trouble || good.status >= 400) return null;
  if (good.status < 300) return good;
  const { location, headers } = good;
  if (location?.origin !== new URL(endpoint).origin) return null;
  const cookies = headers.getSetCookie().map((line) => line.split(";")[0]);
  const page = await prober.send(location, { headers: { Accept: "text/html", Cookie: cookies.join("; ") } });
  return page.status === 200 ? page : null;
}

const isUrl = (text: string | undefined): text is string => text !== undefined && URL.canParse(text);

/** Many libraries write an origin as a URL with a slash. */
const asLibrariesWrite = (resource: string | undefined): { readonly resource?: string } =>
  isUrl(resource) ? { resource: new URL(resource).href } : {};

/** An origin with its slash added or removed. Nothing for a resource with a path. */
function spelledOtherwise(resource: string | undefined): readonly string[] {
  if (!isUrl(resource) || new URL(resource).pathname !== "/") return [];
  return [resource.endsWith("/") ? resource.slice(0, -1) : `${resource}/`];
}

/** Parameters of every authorization request, as MCP clients choose them. */
export function authorizeParams({ target, resource }: Pick<Seen, "target" | "resource">, state: string) {
  const scope = wantedScope({ resource });
  const uri = resource ? (textOf(resource.metadata.found?.json ?? null, "resource") ?? target.href) : null;
  const params: Record<string, string> = {
    response_type: "code",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    state,
    ...(uri ? { resource: uri } : {}),
    ...(scope ? { scope } : {}),
  };
  return params;
}

/** The scope that clients request: the challenge's, or else all that the resource metadata lists. */
export function wantedScope({ resource }: Pick<Evidence, "resource">): string | null {
  const challenged = readBearerChallenge(resource?.withoutToken.headers.get("WWW-Authenticate") ?? null)?.["scope"];
  return challenged ?? textsOf(resource?.metadata.found?.json ?? null, "scopes_supported")?.join(" ") ?? null;
}

const wrongRequests = (
  base: Readonly<Record<string, string>>,
  { clientId, redirectUri }: WalkingClient,
): readonly (readonly [AuthorizeProbe, Readonly<Record<string, string>>])[] => {
  const good = { ...base, client_id: clientId, redirect_uri: redirectUri };
  const { code_challenge: _, code_challenge_method: __, ...withoutChallenge } = { ...base };
  const otherPort = new URL(redirectUri);
  otherPort.port = "53220";
  // No page is allowed, so a server that checks the request before the person answers at once.
  const silent = { ...good, prompt: "none" };
  return [
    ["good", good],
    ["suffix", { ...good, redirect_uri: `${redirectUri}/suffix` }],
    ["other port", { ...good, redirect_uri: otherPort.href }],
    ["no challenge", { ...withoutChallenge, client_id: clientId, redirect_uri: redirectUri, prompt: "none" }],
    ["plain", { ...silent, code_challenge_method: "plain" }],
    ["silent", silent],
    ["implicit", { ...silent, response_type: "token" }],
    ...spelledOtherwise(base["resource"]).map(
      (resource): readonly [AuthorizeProbe, Readonly<Record<string, string>>] => [
        "resource slash",
        { ...good, resource },
      ],
    ),
    ["unknown scope", { ...good, scope: `${base["scope"] ?? ""} doctor:unknown`.trim() }],
  ];
};

/** The doctor's own client, or else one whose document is known. */
function walkingClient({ server, registered }: Seen): WalkingClient | null {
  if (registered.own) return registered.own;
  const { document } = CLIENT_PROFILES.find(({ key }) => key === "claude-code") ?? { document: null };
  return document && takesDocuments(server.found?.json ?? null)
    ? { clientId: document.url, redirectUri: document.returnsTo }
    : null;
}

function originOf(client: WalkingClient | null, { own, evidence }: Registered): AuthorizeEvidence["origin"] {
  if (!own) return client ? "document" : null;
  return evidence.own ? "registered" : "given";
}

/** The client id that a client uses at a server. Null if it couldn't register. */
function showsItselfAs(profile: ClientProfile, { server, registered }: Seen): WalkingClient | null {
  const { document, returnsTo, key } = profile;
  if (document && usesDocument(profile, server.found?.json ?? null))
    return { clientId: document.url, redirectUri: document.returnsTo };
  const clientId = registered.evidence.clients.get(key)?.clientId;
  return clientId ? { clientId, redirectUri: returnsTo } : null;
}

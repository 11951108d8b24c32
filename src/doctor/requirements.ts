import { describeAnswer, silenceOf, textOf, textsOf } from "./answer.ts";
import { authorizeOutcome, saySentBack } from "./authorize-outcome.ts";
import { isBotBlock } from "./bot-block.ts";
import { isAllowedForBrowsers } from "./checks/cors.ts";
import { authMethods, takesDocuments, usesDocument } from "./client-identification.ts";
import type { ClientProfile } from "./client-profiles.ts";
import { allAnswers, type Evidence, isLoopback } from "./evidence.ts";

/** The result for a client: it stops there, it can't be judged, or it can't get further from where it runs. */
type Obstacle = { readonly kind: "stops" | "unknown" | "local"; readonly because: string };

/** Something that a client needs, in the order in which it needs it. Null if it is met. */
type Requirement = {
  readonly id: string;
  /** Its anchor in the documentation. */
  readonly title: string;
  judge(profile: ClientProfile, evidence: Evidence): Obstacle | null;
};

const stops = (because: string): Obstacle => ({ kind: "stops", because });
const unknown = (because: string): Obstacle => ({ kind: "unknown", because });
const stopsIf = (condition: boolean, because: () => string): Obstacle | null => (condition ? stops(because()) : null);

export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: "address",
    title: "Hosted clients (Claude, ChatGPT) reach https on port 443 of a public host.",
    judge: ({ hosted }, { target }) => {
      if (!hosted) return null;
      if (isLoopback(target))
        return { kind: "local", because: "its servers can't reach this machine, but nothing else stops it" };
      return stopsIf(
        target.protocol !== "https:" || target.port !== "",
        () => `it asks at https and port 443 alone, and this is ${target.origin}`,
      );
    },
  },
  {
    id: "answer",
    title: "The server answers, within ten seconds, with a valid certificate.",
    judge: (_, { resource, server }) => {
      const first = resource?.withoutToken ?? server.tried[0];
      return first?.trouble === "host not named" || first?.trouble === "too many requests"
        ? unknown(first.trouble)
        : stopsIf(Boolean(first?.trouble), () => `${first?.request}: ${first?.trouble}`);
    },
  },
  {
    id: "bots",
    title: "Nothing in front of the server takes the client for a bot.",
    judge: (_, evidence) => {
      const blocked = allAnswers(evidence).find(isBotBlock);
      return stopsIf(
        blocked !== undefined,
        () => `${blocked?.request} is answered ${blocked?.status} by what looks like bot blocking`,
      );
    },
  },
  {
    id: "no redirect",
    title: "The server doesn't redirect to another host.",
    judge: (_, { resource, target }) => {
      const to = resource?.withoutToken.location;
      return stopsIf(
        Boolean(to && to.host !== target.host),
        () => `the server redirects to ${to?.origin}, and it doesn't follow`,
      );
    },
  },
  {
    id: "challenge",
    title: "A request without a token is answered 401.",
    judge: (_, { resource }) => {
      const answer = resource?.withoutToken;
      return stopsIf(answer !== undefined && answer.status !== 401, () =>
        answer?.status === 200
          ? "the server asks for no token, so it never signs in"
          : `it signs in at a 401, and the answer is ${answer ? describeAnswer(answer) : ""}`,
      );
    },
  },
  {
    id: "resource metadata",
    title:
      "The resource metadata is there, and is this server's. Only ChatGPT gives up without it. The others ask the origin.",
    judge: ({ key }, { resource, target }) => {
      if (!resource) return null;
      const { found, tried } = resource.metadata;
      const failed = tried.find(({ status }) => status >= 500);
      if (failed) return stops(`${failed.request} is answered ${failed.status}`);
      const silence = silenceOf(tried);
      if (silence) return unknown(silence);
      if (!found) return stopsIf(key === "chatgpt", () => "there is no resource metadata");
      const uri = textOf(found.json, "resource");
      return stopsIf(
        !isResourceOf(uri, target),
        () => `the resource metadata is for ${uri ?? "nothing"}, not for ${target.href}`,
      );
    },
  },
  {
    id: "server metadata",
    title:
      "The server metadata is there, with what the official SDK takes for granted: issuer, both endpoints, response types.",
    judge: (_, { server }) => {
      const failed = server.tried.find(({ status }) => status >= 500);
      if (failed) return stops(`${failed.request} is answered ${failed.status}`);
      const [first] = server.tried;
      if (first?.trouble === "host not named" || first?.trouble === "too many requests")
        return unknown(`${first.request}: ${first.trouble}`);
      const document = server.found?.json;
      if (!document) return stops("there is no server metadata");
      const missing = ["issuer", "authorization_endpoint", "token_endpoint"].filter((name) => !textOf(document, name));
      if (!textsOf(document, "response_types_supported")) missing.push("response_types_supported");
      return stopsIf(missing.length > 0, () => `the server metadata lacks ${missing.join(" and ")}`);
    },
  },
  {
    id: "issuer",
    title: "issuer is the string that led to the metadata, but for a slash at the end of the latter.",
    judge: (_, { server, issuer }) => {
      const said = textOf(server.found?.json ?? null, "issuer");
      return stopsIf(
        said !== issuer && said !== issuer?.replace(/\/$/, ""),
        () => `the issuer is ${said}, and ${issuer} led there`,
      );
    },
  },
  {
    id: "pkce",
    title: "PKCE with S256 is offered.",
    judge: (_, { server }) =>
      stopsIf(
        !textsOf(server.found?.json ?? null, "code_challenge_methods_supported")?.includes("S256"),
        () => "the server metadata doesn't offer PKCE with S256",
      ),
  },
  {
    id: "identity",
    title: "It has a way in: its metadata document (for Claude together with the method none), or registration.",
    judge: findIdentityObstacle,
  },
  {
    id: "authorization",
    title: "The authorization endpoint takes it, with its redirect URI and what it asks for.",
    judge: (profile, { authorize, server }) => {
      const returnsTo = usesDocument(profile, server.found?.json ?? null) ? profile.document?.returnsTo : null;
      const outcome = authorizeOutcome(authorize.clients.get(profile.key), returnsTo ?? profile.returnsTo);
      if (outcome.kind === "goes on") return null;
      if (outcome.kind === "no answer") return unknown(`the authorization endpoint: ${outcome.why}`);
      return stops(
        `the authorization endpoint refuses it: ${outcome.kind === "refused" ? outcome.said : saySentBack(outcome.params)}`,
      );
    },
  },
  {
    id: "iss",
    title: "The official SDK, and so the Inspector and mcp-remote, get the issuer's iss where it was promised.",
    judge: ({ checksIss }, { authorize, account, server }) => {
      if (!checksIss) return null;
      const silent = authorizeOutcome(authorize.probes.get("silent"), authorize.client?.redirectUri ?? "");
      const params = account?.signIn?.returned.params ?? (silent.kind === "sent back" ? silent.params : null);
      const document = server.found?.json ?? null;
      const isPromised = document?.["authorization_response_iss_parameter_supported"] === true;
      const iss = params?.get("iss") ?? null;
      const isWrong = iss === null ? isPromised : iss !== textOf(document, "issuer");
      return stopsIf(params !== null && isWrong, () => `the answer's iss is ${iss ?? "missing, and was promised"}`);
    },
  },
  {
    id: "assertion",
    title: "ChatGPT signs where private_key_jwt is offered, with the token endpoint as audience.",
    judge: (profile, { token, server }) => {
      const document = server.found?.json ?? null;
      if (
        !profile.prefersSignature ||
        !usesDocument(profile, document) ||
        !authMethods(document).includes("private_key_jwt")
      )
        return null;
      const answer = token.assertions.get("token endpoint");
      return stopsIf(
        textOf(answer?.json ?? null, "error") === "invalid_client",
        () => "its assertion, whose audience is the token endpoint, is refused",
      );
    },
  },
  {
    id: "tokens",
    title: "The token endpoint answers errors as JSON.",
    judge: (_, { token }) => {
      const answer = token.probes.get("wrong code");
      return stopsIf(
        Boolean(answer && !answer.trouble && answer.status >= 500),
        () => `the token endpoint answers ${answer ? describeAnswer(answer) : ""}`,
      );
    },
  },
  {
    id: "cors",
    title: "The Inspector's page may read metadata, registration and tokens.",
    judge: ({ inBrowser }, { resource, server, registration, token }) => {
      if (!inBrowser) return null;
      const needed = [
        ["the resource metadata", resource?.metadata.fromBrowser],
        ["the server metadata", server.fromBrowser],
        ["registrations", registration.clients.get("inspector")?.answer],
        ["tokens", token.probes.get("from browser")],
      ] as const;
      const [closed] = needed.filter(([, answer]) => answer && !isAllowedForBrowsers(answer));
      return stopsIf(closed !== undefined, () => `its page may not read ${closed?.[0]}: CORS`);
    },
  },
];

/**
 * What the official SDK demands of the metadata's resource: the same origin, and a path that the server's path begins
 * with.
 */
function isResourceOf(uri: string | null, target: URL): boolean {
  if (!uri || !URL.canParse(uri)) return false;
  const { origin, pathname } = new URL(uri);
  const withSlash = (path: string) => (path.endsWith("/") ? path : `${path}/`);
  return origin === target.origin && withSlash(target.pathname).startsWith(withSlash(pathname));
}

function findIdentityObstacle(profile: ClientProfile, { server, registration }: Evidence): Obstacle | null {
  const document = server.found?.json ?? null;
  if (usesDocument(profile, document)) return null;
  const registered = registration.clients.get(profile.key);
  if (!registered) {
    if (textOf(document, "registration_endpoint")) return unknown("nothing was registered");
    return stops(sayNoWayIn(profile, takesDocuments(document)));
  }
  const { answer, clientId } = registered;
  if (answer.status === 429) return unknown("the server limits registrations; come again later");
  if (answer.trouble) return unknown(`the registration endpoint: ${answer.trouble}`);
  if (answer.status === 401) return stops("registration needs a token, so it has to be added by hand");
  return stopsIf(answer.status !== 201 || !clientId, () => `its registration is refused: ${describeAnswer(answer)}`);
}

function sayNoWayIn({ document, documentNeedsNone }: ClientProfile, documentsAreTaken: boolean): string {
  if (document && documentsAreTaken && documentNeedsNone)
    return "it shows its metadata document only where the token endpoint takes none, and can't register";
  return document
    ? "it can neither show its metadata document nor register"
    : "it shows no metadata document, and can't register";
}

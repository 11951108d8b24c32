import { type Account, askAccount } from "./account/ask-account.ts";
import { textsOf } from "./answer.ts";
import { discover } from "./discover.ts";
import type { Evidence, WalkingClient } from "./evidence.ts";
import type { Prober } from "./prober.ts";
import { askAuthorize } from "./walk-authorize.ts";
import { register } from "./walk-registration.ts";
import { askResource } from "./walk-resource.ts";
import { askToken } from "./walk-token.ts";
import { serverMetadataUrls } from "./well-known.ts";

type WalkOptions = {
  /** If true, nothing is registered. */
  readonly readOnly: boolean;
  /** What the doctor may use of a person's account, to try what has to be refused. */
  readonly account?: Account | null;
  /** The redirect URI of the doctor's own app, if somebody listens there. */
  readonly redirectUri?: string;
  /** A client that a person registered by hand, to go on with where nobody can register. */
  readonly client?: WalkingClient;
  /** Another MCP server of the same authorization server, where tokens of one have to be refused by the other. */
  readonly other?: URL | null;
};

/** Walks as clients do, from the challenge to the token endpoint, and then with an account if there is one. */
export async function walkServer(target: URL, prober: Prober, options: WalkOptions): Promise<Evidence> {
  const resource = await askResource(target, prober);
  const advertised = textsOf(resource?.metadata.found?.json ?? null, "authorization_servers")?.[0];
  // A client that finds no resource metadata uses the origin, as the specification of March 2025 had it.
  const issuer = advertised ?? (resource ? target.origin : target.href.replace(/\/$/, ""));
  const server = await discover(URL.canParse(issuer) ? serverMetadataUrls(new URL(issuer)) : [], prober);
  const origins = new Set([target.origin, ...(URL.canParse(issuer) ? [new URL(issuer).origin] : [])]);
  const inspected = await Promise.all([...origins].map((origin) => prober.inspect(new URL(origin))));
  const tls = inspected.filter((each) => each !== null);
  const { other: url } = options;
  const other = url && options.account ? { url, resource: await askResource(url, prober) } : null;
  const seen = { target, resource, issuer, server, tls, other };
  const registered = await register(seen, prober, options);
  try {
    const authorize = await askAuthorize({ ...seen, registered }, prober);
    const token = await askToken({ ...seen, client: authorize.client, registered }, prober);
    const account = options.account
      ? await askAccount(options.account, { ...seen, client: registered.own }, prober)
      : null;
    const registration = { ...registered.evidence, ...(await registered.deleteAll()) };
    return { ...seen, registration, authorize, token, account };
  } finally {
    await registered.deleteAll();
  }
}

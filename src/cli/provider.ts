import { text } from "node:stream/consumers";
import askPassword from "@inquirer/password";
import { checkProvider } from "../flows/admin/check-provider.ts";
import { describeGiven, readProviderScope } from "../flows/admin/describe-provider.ts";
import { addProvider, type ProviderInput } from "../flows/admin/new-provider.ts";
import { allowProvider, readProviders, removeProvider } from "../flows/admin/providers.ts";
import { connect, issuerOfDeployment } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

type IssuerOptions = OutputOptions & { readonly at?: string };

type AddOptions = IssuerOptions & {
  readonly preset?: string;
  readonly name?: string;
  readonly host?: string;
  readonly tenant?: string;
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly userEndpoint?: string;
  readonly userId?: string;
  readonly userName?: string;
  readonly revocationEndpoint?: string;
  readonly tokenEndpointAuthMethod?: "client_secret_basic" | "client_secret_post";
  readonly clientId: string;
  readonly secretStdin?: boolean;
  readonly public?: boolean;
  readonly scope: ProviderInput["scopes"];
  readonly signIn?: boolean;
  readonly join: readonly string[];
  readonly resource: readonly string[];
};

/** `provider add SLUG` */
export async function addProviderCommand(slug: string, options: AddOptions): Promise<void> {
  const issuer = await issuerOfDeployment(options.at);
  const input = {
    slug,
    preset: options.preset ?? null,
    name: options.name ?? null,
    host: options.host ?? null,
    tenant: options.tenant ?? null,
    issuer: options.issuer ?? null,
    description: descriptionOf(options),
    clientId: options.clientId,
    clientSecret: options.public ? null : await readSecret(options),
    scopes: options.scope,
    signsIn: options.signIn ?? false,
    joining: options.join,
    resources: options.resource,
  };
  const added = orFail(await addProvider(await connect(), issuer, input));
  const said = `${added.name} is added.\n\nThe redirect URI to paste there:\n  ${added.redirectUri}`;
  print(options, added, added.oddity ? `${said}\n\nGood to know: ${added.oddity}` : said);
}

const descriptionOf = (options: AddOptions) =>
  describeGiven({
    authorizationEndpoint: options.authorizationEndpoint ?? null,
    tokenEndpoint: options.tokenEndpoint ?? null,
    userEndpoint: options.userEndpoint ?? null,
    revocationEndpoint: options.revocationEndpoint ?? null,
    userId: options.userId ?? null,
    userName: options.userName ?? null,
    authentication: options.tokenEndpointAuthMethod ?? null,
  });

async function readSecret({ secretStdin }: AddOptions): Promise<string> {
  if (secretStdin) return (await text(process.stdin)).trim();
  if (!process.stdin.isTTY)
    throw new Error("There is no terminal to prompt for the client secret. Use --secret-stdin.");
  return askPassword({ message: "Client secret", mask: true });
}

/** `provider list` */
export async function listProvidersCommand({ at, ...options }: IssuerOptions): Promise<void> {
  const providers = await readProviders(await connect(), await issuerOfDeployment(at));
  const rows = providers.map(({ slug, name, signsIn, identities, accounts, redirectUri }) => [
    slug,
    name,
    signsIn ? `signs in ${identities}` : "",
    `${accounts} accounts`,
    redirectUri,
  ]);
  print(options, { providers }, rows.length === 0 ? "There are no providers." : formatTable(rows));
}

/** `provider check SLUG` */
export async function checkProviderCommand(slug: string, { at, ...options }: IssuerOptions): Promise<void> {
  const checks = orFail(await checkProvider(await connect(), await issuerOfDeployment(at), slug));
  const lines = checks.map(({ what, problem }) => (problem === null ? `✓ ${what}` : `✗ ${what}: ${problem}`));
  print(options, { checks }, lines.join("\n"));
  if (checks.some(({ problem }) => problem !== null)) process.exitCode = 1;
}

/** `provider allow SLUG URI` and `provider disallow SLUG URI` */
export const allowProviderCommand =
  (allowed: boolean) =>
  async (slug: string, uri: string, options: OutputOptions): Promise<void> => {
    if (!(await allowProvider(await connect(), slug, uri, allowed)))
      throw new Error("There is no such provider, or no such MCP server.");
    print(
      options,
      { slug, uri, allowed },
      `${uri} may ${allowed ? "use accounts there now" : "not use accounts there any more"}.`,
    );
  };

/** The most accounts of which one run tells a provider. */
const MOST_ENDED = 5000;

/** `provider remove SLUG` */
export async function removeProviderCommand(slug: string, options: OutputOptions): Promise<void> {
  const removed = await removeProvider(await connect(), slug, MOST_ENDED);
  if (!removed) throw new Error(`There is no provider ${slug}.`);
  const { accounts } = removed;
  const ended = await removed.ended;
  print(
    options,
    { slug, accounts, ended },
    `Deleted, with all identities there and ${accounts} linked accounts. The provider has ended ${ended} of them.`,
  );
}

/** Collects `--scope NAME=SENTENCE`. An exclamation mark marks a broad one. */
export function collectProviderScope(typed: string, scopes: AddOptions["scope"]): AddOptions["scope"] {
  const scope = readProviderScope(typed);
  if (!scope) throw new Error("Write a scope as NAME=SENTENCE, and a broad one as !NAME=SENTENCE.");
  return [...scopes, scope];
}

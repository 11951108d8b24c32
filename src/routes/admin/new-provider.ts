import { describeGiven, readProviderScope } from "../../flows/admin/describe-provider.ts";
import { addProvider, type ProviderInput } from "../../flows/admin/new-provider.ts";
import * as z from "../../lib/schema.ts";
import { SECRET_METHODS } from "../../oauth/provider.ts";
import { formRoute, optionalText, secret, textField, ticked } from "../fields.ts";
import { goTo } from "../redirect.ts";
import { showProviders } from "./providers.tsx";

const words = (typed: string): string[] => typed.split(/[\s,]+/).filter((word) => word !== "");

/** The scopes that may be requested, one a line. */
const scopeLines = z.pipe(
  textField(20_000).check(
    z.refine(
      (typed) => !readScopes(typed).includes(null),
      "Write each permission on a line of its own, as name=sentence.",
    ),
  ),
  z.transform((typed) => readScopes(typed).filter((scope) => scope !== null)),
);

const readScopes = (typed: string) =>
  typed
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(readProviderScope);

const endpoint = optionalText(2000);

const fields = z.object({
  slug: textField(32),
  /** Empty for a provider without a preset. */
  preset: textField(32),
  name: optionalText(100),
  client_id: textField(500),
  client_secret: z.pipe(
    secret(2000),
    z.transform((typed) => typed || null),
  ),
  host: endpoint,
  tenant: optionalText(100),
  issuer: endpoint,
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  user_endpoint: endpoint,
  user_id: optionalText(200),
  user_name: optionalText(200),
  revocation_endpoint: endpoint,
  token_endpoint_auth_method: z.catch(z.enum(["", ...SECRET_METHODS]), ""),
  scopes: scopeLines,
  signs_in: ticked(),
  joining: z.pipe(textField(4000), z.transform(words)),
});

type Typed = z.output<typeof fields>;

/** `POST /admin/providers`: adds one. Its page shows the redirect URI, and never the client secret. */
export const postProvider = formRoute({
  fields,
  showAgain: (c, refused) => showProviders(c, refused),
  submit: async (c, typed) => {
    const { deps } = c.var;
    const added = await addProvider(deps, deps.config.issuer, inputOf(typed));
    if ("problem" in added) return { ...added, field: (added.field && FIELDS[added.field]) ?? null };
    return goTo(c, `/admin/providers/${added.slug}`, "provider_added");
  },
});

/** The fields of the parts of the input with which there can be a problem. */
const FIELDS = {
  ...{ slug: "slug", preset: "preset", issuer: "issuer", tenant: "tenant", joining: "joining", scopes: "scopes" },
  ...{ clientId: "client_id", clientSecret: "client_secret" },
} as const;

const inputOf = ({ client_id, client_secret, signs_in, ...typed }: Typed): ProviderInput => ({
  ...{ slug: typed.slug, preset: typed.preset, name: typed.name, host: typed.host, tenant: typed.tenant },
  ...{ issuer: typed.issuer, scopes: typed.scopes, joining: typed.joining, resources: [] },
  ...{ clientId: client_id, clientSecret: client_secret, signsIn: signs_in },
  description: describeGiven({
    authorizationEndpoint: typed.authorization_endpoint,
    tokenEndpoint: typed.token_endpoint,
    userEndpoint: typed.user_endpoint,
    revocationEndpoint: typed.revocation_endpoint,
    userId: typed.user_id,
    userName: typed.user_name,
    authentication: typed.token_endpoint_auth_method || null,
  }),
});

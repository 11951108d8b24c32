import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken, mintToken } from "../../lib/token.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { EXCHANGE_RULES, explainRefusal } from "../../oauth/gate-refusal.ts";
import type { Params } from "../../oauth/params.ts";
import { isProviderSlug } from "../../oauth/provider.ts";
import { parseScope } from "../../oauth/scope.ts";
import { ACCESS_TOKEN_TYPE } from "../../oauth/token-exchange.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { Conditions } from "../../store/gate.ts";
import type { LinkedAccount } from "../../store/linked-accounts.ts";
import { type AccountTokenRequest, findAccountToken, type UsableAccount } from "../../store/token-exchanges.ts";
import { type AccountSecret, openAccount } from "../linked/account-secret.ts";
import { freshenAccount, isFreshAccount } from "../linked/refresh-account.ts";
import { badCredential, type ResourceCredential, readCredentialKey } from "../resource-credential.ts";

/** A successful answer to a token exchange (RFC 8693 §2.2.1), always without a refresh token. */
type AccountTokenResponse = {
  readonly access_token: string;
  readonly issued_token_type: typeof ACCESS_TOKEN_TYPE;
  readonly token_type: "Bearer";
  readonly expires_in?: number;
  readonly scope: string;
};

/**
 * Gives a resource the token of an account that its caller has linked (RFC 8693 §2). The resource presents the access
 * token that it was called with. If the person has to do something first, the answer has a link for them.
 */
export async function exchangeAccountToken(
  deps: Deps,
  credential: ResourceCredential | null,
  params: Params,
): Promise<AccountTokenResponse> {
  const key = await readCredentialKey(deps, credential);
  const asked = readRequest(params);
  const isOurs = await isPlausibleToken(deps.keys, TOKEN_KIND.accessToken, asked.subjectToken);
  const link = await mintToken(deps.keys, TOKEN_KIND.connectLink);
  const request = {
    ...key,
    tokenDigest: isOurs ? await sha256(asked.subjectToken) : null,
    provider: asked.provider,
    scopes: asked.scopes,
    linkDigest: await sha256(link),
  };
  const found = await findAccountToken(deps.db, request, deps.actor);
  if (!found) throw badCredential(credential);
  if ("refused" in found) throw explain(deps, found.refused, link);
  return giveToken(deps, found, request);
}

function readRequest({ values }: Params) {
  const subjectToken = values.get("subject_token");
  const provider = values.get("audience");
  if (subjectToken === undefined) throw new OAuthError("invalid_request", "subject_token is missing.");
  if (values.get("subject_token_type") !== ACCESS_TOKEN_TYPE)
    throw new OAuthError("invalid_request", `subject_token_type has to be ${ACCESS_TOKEN_TYPE}.`);
  if ((values.get("requested_token_type") ?? ACCESS_TOKEN_TYPE) !== ACCESS_TOKEN_TYPE)
    throw new OAuthError("invalid_request", `requested_token_type has to be ${ACCESS_TOKEN_TYPE}.`);
  if (values.has("actor_token"))
    throw new OAuthError("invalid_request", "Delegation isn't supported, so actor_token has to be left out.");
  if (provider === undefined || !isProviderSlug(provider))
    throw new OAuthError("invalid_target", "audience has to be the provider's short name.", {
      reason: "resource",
    });
  return { subjectToken, provider, scopes: parseScope(values.get("scope")) };
}

async function giveToken(
  deps: Deps,
  { account, provider }: UsableAccount,
  request: AccountTokenRequest,
): Promise<AccountTokenResponse> {
  if (isFreshAccount(deps, account)) return answer(deps, account, await openAccount(deps, account));
  const fresh = await freshenAccount(deps, provider, account);
  if (fresh === "unavailable") {
    throw new OAuthError("temporarily_unavailable", "The provider can't be asked right now.", {
      status: 503,
      reason: "provider_failed",
      retryAfterSeconds: 5,
    });
  }
  if (fresh !== "gone" && fresh.account.version === account.version) return answer(deps, account, fresh.secret);
  // The refresh took time, so everything is asked once more, in case the person, the owner or the provider changed
  // something meanwhile.
  const link = await mintToken(deps.keys, TOKEN_KIND.connectLink);
  const found = await findAccountToken(deps.db, { ...request, linkDigest: await sha256(link) }, deps.actor);
  if (found && "refused" in found) throw explain(deps, found.refused, link);
  if (fresh === "gone" || !isSameAccount(found?.account, fresh.account)) throw changing();
  return answer(deps, fresh.account, fresh.secret);
}

/** Gives out the refreshed tokens only if the account is still the one that was refreshed. */
const isSameAccount = (found: LinkedAccount | undefined, { id, version }: LinkedAccount): boolean =>
  found?.id === id && found.version === version;

const answer = (
  { now }: Deps,
  { accessExpiresAt, scopes }: LinkedAccount,
  { accessToken }: AccountSecret,
): AccountTokenResponse => ({
  access_token: accessToken,
  issued_token_type: ACCESS_TOKEN_TYPE,
  token_type: "Bearer",
  ...(accessExpiresAt === null
    ? {}
    : { expires_in: Math.max(0, Math.floor((accessExpiresAt - now().getTime()) / 1000)) }),
  scope: scopes.join(" "),
});

/** Why there is no token. If the person can fix it, the gate has made a link for them. */
function explain({ config }: Deps, conditions: Conditions, link: string): OAuthError {
  const isMendable = "linkMade" in conditions;
  if (!isMendable) return explainRefusal(EXCHANGE_RULES, conditions) ?? changing();
  if (conditions["linkMade"] !== true) return changing();
  return new OAuthError("interaction_required", "The person has to link their account, or allow its use.", {
    reason: "interaction_required",
    connectUri: `${config.issuer}/connect/${link}`,
  });
}

const changing = () =>
  new OAuthError("temporarily_unavailable", "The account is changing right now.", {
    status: 503,
    retryAfterSeconds: 2,
  });

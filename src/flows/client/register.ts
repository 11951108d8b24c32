import { auditContext, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { mintToken } from "../../lib/token.ts";
import { clientInformation } from "../../oauth/client-information.ts";
import { fingerprintText, readClientMetadata } from "../../oauth/client-metadata.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertClient } from "../../store/clients.ts";

/** Registers a client dynamically (RFC 7591 §3). */
export async function registerClient(deps: Deps, input: unknown): Promise<Record<string, unknown>> {
  const { config, keys } = deps;
  if (config.registrationPolicy !== "open") {
    throw new OAuthError("access_denied", "This server does not register clients.", { status: 403, reason: "policy" });
  }
  const metadata = readClientMetadata(input, config.privateUseSchemes);
  const clientId = `client_${randomBase64url(16)}`;
  const hasSecret = metadata.authenticationMethods.some((method) => method.startsWith("client_secret_"));
  const secret = hasSecret ? await mintToken(keys, TOKEN_KIND.clientSecret) : null;
  const registrationToken = await mintToken(keys, TOKEN_KIND.registrationAccessToken);
  const effective = { ...metadata, scope: metadata.scope ?? config.scopes.join(" ") };
  const audit = auditContext(deps);
  await insertClient(
    deps.db,
    {
      ...effective,
      id: clientId,
      registration: "dynamic",
      secretDigest: secret === null ? null : await sha256(secret),
      registrationDigest: await sha256(registrationToken),
      fingerprint: await sha256(fingerprintText(metadata)),
    },
    audit,
  );
  return clientInformation(clientId, audit.now, effective, secret, null);
}

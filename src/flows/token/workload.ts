import type { Deps } from "../../deps.ts";
import { badGrant } from "../../oauth/assertion-grant.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { WORKLOAD_RULES } from "../../oauth/gate-refusal.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { isPlainToken, matchesRule, readWorkloadClaims } from "../../oauth/workload.ts";
import { insertWorkloadToken, type WorkloadRequest } from "../../store/assertions.ts";
import type { FoundIssuer, WorkloadRule } from "../../store/trusted-issuers.ts";
import { createGrant } from "./grant.ts";
import type { TokenResponse } from "./token-response.ts";
import { findIssuerOf, readAssertion, recordRefused, spendableDigest, verifyIssued } from "./trusted-assertion.ts";

/**
 * Gives a program without a secret an access token for its issuer's assertion (RFC 7523 §2.1). The program doesn't
 * authenticate: the rule that its token matches says which machine it is.
 */
export const grantToWorkload = (deps: Deps, params: Params, dpop: string | null): Promise<TokenResponse> =>
  recordRefused(deps, null, async () => {
    const { clientId, ...own } = await readOwn(deps, params);
    return createGrant<Omit<WorkloadRequest, "clientId" | "proof" | "resourceUri">>({
      presents: null,
      read: async () => own,
      gate: (_, request, tokens) =>
        insertWorkloadToken(deps.db, request, tokens, deps.config.lifetimes.accessSeconds, deps.actor),
      rules: WORKLOAD_RULES,
    })(deps, { clientId, method: "none" }, params, dpop);
  });

async function readOwn(deps: Deps, params: Params) {
  const assertion = readAssertion(params);
  if (!isPlainToken(assertion.typ ?? undefined)) throw badGrant("The typ of the assertion has to be JWT, or absent.");
  const scopes = parseScope(params.values.get("scope"));
  const issuer = await findIssuerOf(deps, assertion);
  readWorkloadClaims(assertion.claims, deps.now());
  findRule(issuer, assertion.claims, params);
  const claims = await verifyIssued(deps, issuer, assertion);
  const { jti, expiresAt } = readWorkloadClaims(claims, deps.now());
  return {
    clientId: findRule(issuer, claims, params).clientId,
    issuerId: issuer.id,
    scopes,
    grantDigest: jti === null ? null : await spendableDigest(issuer, jti),
    grantExpiresAt: expiresAt,
  };
}

/** The rule that a token matches. Of several, it is the one whose machine or server the request names. */
function findRule({ rules }: FoundIssuer, claims: Readonly<Record<string, unknown>>, params: Params): WorkloadRule {
  const clientId = params.values.get("client_id");
  const resource = requestedResource(params.resources);
  const admitting = rules.filter((rule) => matchesRule(rule, claims));
  const meant = admitting.filter(
    (rule) => (clientId ?? rule.clientId) === rule.clientId && (resource ?? rule.resourceUri) === rule.resourceUri,
  );
  const [only, ...others] = meant;
  if (!only) throw badGrant("No rule of this server admits this token.", "workload_unknown");
  if (others.length > 0) {
    throw new OAuthError("invalid_request", "Several rules admit this token: say which by client_id or resource.", {
      reason: "workload_unknown",
    });
  }
  return only;
}

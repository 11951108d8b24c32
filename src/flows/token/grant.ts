import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { isUnavailable } from "../../lib/unavailable.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { type Rules, refusalFor } from "../../oauth/gate-refusal.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import type { AuditEventName } from "../../store/audit-events.ts";
import type { ProvenClient } from "../../store/client-credentials.ts";
import type { Conditions, IssuingGate, Refused } from "../../store/gate.ts";
import { findIssuedTokens } from "../../store/issued-tokens.ts";
import { assertKnownClient, readClientCredential, refusalOf } from "../client/credential.ts";
import { readKeyProof } from "./proof.ts";
import {
  type MintedTokens,
  mintTokenPair,
  type NewTokenPair,
  type TokenResponse,
  tokenResponse,
} from "./token-response.ts";

/** What every grant passes to its gate, beside its own parameters. */
type GrantRequest = ProvenClient & {
  /** The digest of the presented code or token. Empty if the grant presents none. */
  readonly digest: Uint8Array;
  /** The presented code or token itself, for a grant that seals something under it. */
  readonly presented: string;
  /** Null if the request left it out. */
  readonly resourceUri: string | null;
};

/** The part of a grant (OAuth 2.1 §4) that differs from the others. `createGrant` holds the rest. */
export type Grant<Own> = {
  /** The parameter with the presented code or token, its kind, and the condition that it is known. Null for none. */
  readonly presents: {
    readonly parameter: "code" | "device_code" | "refresh_token";
    readonly kind: string;
    readonly known: "codeFound" | "tokenFound";
  } | null;
  /** Reads the parameters of this grant alone. A malformed one costs no round trip. */
  readonly read: (deps: Deps, params: Params, client: ClientAuthentication) => Promise<Own>;
  /** The statement that decides. */
  readonly gate: (deps: Deps, request: GrantRequest & Own, tokens: NewTokenPair) => Promise<IssuingGate>;
  /** Why it refuses, in the order in which conditions are reported. */
  readonly rules: Rules;
  /** A more specific refusal, for what the conditions don't show. */
  readonly explain?: (conditions: Conditions) => OAuthError | null;
  /** The event of a replay, for which the gate has revoked something. */
  readonly replay?: AuditEventName;
  /** Opens the pair that was given before, if the gate says that it may be given again. */
  readonly openAnswer?: (deps: Deps, sealedAnswer: string, presented: string) => Promise<MintedTokens>;
};

/** Answers a request at the token endpoint (OAuth 2.1 §3.2). */
export type AnswerTokenRequest = (
  deps: Deps,
  client: ClientAuthentication,
  params: Params,
  /** The header with a proof of the client's key (RFC 9449 §5). Null if there is none. */
  dpop: string | null,
) => Promise<TokenResponse>;

/** The phases of a token request, completed with the grant's own part. */
export const createGrant =
  <Own>(grant: Grant<Own>): AnswerTokenRequest =>
  async (deps, client, params, dpop) => {
    const proof = await readKeyProof(deps, dpop);
    const presented = readPresented(params, grant.presents);
    const own = await grant.read(deps, params, client);
    const resourceUri = requestedResource(params.resources);
    const credential = await readClientCredential(deps, client);
    const asking = { clientId: client.clientId, credential };
    if (grant.presents && !(await isPlausibleToken(deps.keys, grant.presents.kind, presented))) {
      await assertKnownClient(deps, asking);
      // Not one of ours, so the gate wouldn't find it either.
      throw refusalFor(grant.rules, grant.presents.known);
    }
    const request = { ...asking, proof, presented, digest: await sha256(presented), resourceUri, ...own };
    const tokens = await mintTokenPair(deps);
    const answer = await grant.gate(deps, request, tokens).catch((error) => recall(deps, tokens, error));
    if ("refused" in answer) throw explain(deps, grant, answer, client.clientId);
    const { issued, sealedAnswer } = answer;
    const pair = sealedAnswer && grant.openAnswer ? await grant.openAnswer(deps, sealedAnswer, presented) : tokens;
    return tokenResponse(pair, issued, deps.actor.now);
  };

function readPresented({ values }: Params, presents: Grant<unknown>["presents"]): string {
  if (!presents) return "";
  const presented = values.get(presents.parameter);
  if (presented === undefined) throw new OAuthError("invalid_request", `${presents.parameter} is missing.`);
  return presented;
}

function explain<Own>(
  deps: Deps,
  grant: Grant<Own>,
  { refused, replayed, userId = null, familyId = null }: Refused,
  clientId: string,
): Error {
  if (replayed && grant.replay) {
    deps.writePoint("replayed", [grant.replay]);
    auditRefusal(deps, { name: grant.replay, userId, clientId, familyId });
  }
  return grant.explain?.(refused) ?? refusalOf(deps, clientId, grant.rules, refused);
}

/**
 * Checks what a gate had issued when its answer was lost. The digests show it, since nobody else knows the tokens. If
 * nothing was issued, the error goes on to the caller, who may try again.
 */
async function recall(deps: Deps, tokens: NewTokenPair, error: unknown): Promise<IssuingGate> {
  const issued = isUnavailable(error) ? await findIssuedTokens(deps.db, tokens) : null;
  if (!issued) throw error;
  return { issued };
}

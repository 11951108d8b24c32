/** Every `error` value that OAuth endpoints give (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2, RFC 8628 §3.5, OpenID Connect Core §3.1.2.6). */
export type OAuthErrorCode =
  | "access_denied"
  | "authorization_pending"
  | "consent_required"
  | "expired_token"
  | "interaction_required"
  | "invalid_client"
  | "invalid_dpop_proof"
  | "invalid_client_metadata"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_token"
  | "login_required"
  | "slow_down"
  | "temporarily_unavailable"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "use_dpop_nonce";

/** A detail for the log that the caller doesn't see. */
export type RefusalReason =
  | "access_removed"
  | "already_answered"
  | "app_held"
  | "app_refused"
  | "assertion"
  | "assertion_replayed"
  | "bad_credential"
  | "client_disabled"
  | "client_method"
  | "client_unknown"
  | "client_document"
  | "code_expired"
  | "code_replayed"
  | "code_unknown"
  | "cross_site"
  | "family_revoked"
  | "foreign_link"
  | "fault"
  | "grant_type"
  | "identity_unknown"
  | "interaction_required"
  | "issuer_unknown"
  | "link_void"
  | "locked_out"
  | "malformed"
  | "method_not_allowed"
  | "policy"
  | "proof"
  | "provider_failed"
  | "rate_limited"
  | "redirect_uri"
  | "resource"
  | "scope"
  | "state_void"
  | "token_expired"
  | "token_reused"
  | "token_superseded"
  | "token_unknown"
  | "unavailable"
  | "user_disabled"
  | "user_code"
  | "verifier"
  | "workload_unknown";

type OAuthErrorOptions = {
  /** 400 unless set. */
  readonly status?: 400 | 401 | 403 | 404 | 405 | 413 | 429 | 500 | 503;
  readonly reason?: RefusalReason;
  /**
   * The scheme of the `WWW-Authenticate` header that a 401 must have (RFC 9110 §15.5.2). `Bearer without error` answers
   * a request without any token (RFC 6750 §3.1).
   */
  readonly challenge?: "Basic" | "Bearer" | "Bearer without error";
  readonly retryAfterSeconds?: number;
  /** A page on which the person can fix it. */
  readonly connectUri?: string;
};

/** A refusal, with a public code, a sentence for the developer, and a private reason for the log. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly status: NonNullable<OAuthErrorOptions["status"]>;
  readonly reason: RefusalReason;
  readonly challenge: OAuthErrorOptions["challenge"];
  readonly retryAfterSeconds: number | undefined;
  readonly connectUri: string | undefined;

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
    this.status = options.status ?? 400;
    this.reason = options.reason ?? "malformed";
    this.challenge = options.challenge;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.connectUri = options.connectUri;
  }
}

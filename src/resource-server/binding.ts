/**
 * What a Workers service binding to Gatehouse's entrypoint `ResourceServers` offers. It takes the resource's credential as
 * HTTP does: to be in the same account is no proof of being this resource. It never throws for what it was sent.
 */
export type GatehouseBinding = {
  /** The same as `POST /introspect` (RFC 7662). */
  introspect(request: {
    readonly id: string;
    readonly secret: string;
    readonly token: string;
  }): Promise<BindingAnswer<Readonly<Record<string, unknown>>>>;
  /** The same as a token exchange at `POST /token` (RFC 8693). */
  accountToken(request: {
    readonly id: string;
    readonly secret: string;
    readonly token: string;
    readonly provider: string;
    readonly scope: string;
  }): Promise<BindingAnswer<Readonly<Record<string, unknown>>>>;
  /** The same as `POST /tool-calls`. */
  recordToolCalls(request: {
    readonly id: string;
    readonly secret: string;
    readonly calls: readonly unknown[];
  }): Promise<BindingAnswer<{ readonly recorded: number }>>;
};

export type BindingAnswer<T> =
  | { readonly ok: true; readonly answer: T }
  /** `invalid_client` for a wrong credential, `temporarily_unavailable` for what may pass, or `invalid_request`. */
  | { readonly ok: false; readonly error: string; readonly connectUri?: string };

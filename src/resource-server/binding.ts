/**
 * The methods that a Workers service binding to Gatehouse's entrypoint `ResourceServers` offers. They demand the
 * resource's credential as HTTP does, since being in the same account doesn't prove to be this resource. They never
 * throw, whatever they are sent.
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
  /**
   * `invalid_client` for a wrong credential, `temporarily_unavailable` for what may be temporary, or `invalid_request`.
   */
  | { readonly ok: false; readonly error: string; readonly connectUri?: string };

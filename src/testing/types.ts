/** What a scope lets an app do, as in `defineAccess` and `gatehouse.resource.json`. */
export type ScopeDefinition = {
  readonly name: string;
  readonly description: string;
  readonly implies?: readonly string[];
  /** Whether a token that names no scopes gets it. True by default. */
  readonly default?: boolean;
};

/** An MCP server to protect: the contents of a `gatehouse.resource.json`, or the parts of it that a test needs. */
export type ServerDefinition = {
  /** Its URL. */
  readonly resource: string;
  readonly name?: string;
  /** The scopes of an access table (`...access`), or names with a sentence each. */
  readonly scopes: readonly ScopeDefinition[] | Readonly<Record<string, string>>;
};

/** Whom a token is for. People and apps are made when a test first names them. */
export type TokenRequest = {
  /** The email address of the person who allowed it. Without one the app acts for itself (client credentials). */
  readonly person?: string;
  /** The name of the app. */
  readonly client?: string;
  /** By default, those that the server gives by default. */
  readonly scopes?: readonly string[];
};

/** The answer of `/token` (RFC 6749 §5.1). */
export type Tokens = {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly resource: string;
  /** Missing for an app that acts for itself. */
  readonly refresh_token?: string;
};

export type TestServer = {
  /** The options for `resourceServer` of the middleware, beside the access table. */
  readonly options: {
    readonly resource: string;
    readonly issuer: string;
    readonly credential: { readonly id: string; readonly secret: string };
  };
  /** The same as variables, with the names in the middleware's README. */
  readonly env: {
    readonly RESOURCE: string;
    readonly ISSUER: string;
    readonly RESOURCE_ID: string;
    readonly INTROSPECTION_SECRET: string;
  };
  /** A token for this server. */
  token(request: TokenRequest): Promise<Tokens>;
};

export type GatehouseOptions = {
  /** The port on this machine on which it listens. By default a free one. */
  readonly port?: number;
  /** Variables of the Worker, such as `ACCESS_TOKEN_SECONDS`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Gets each line of its log. */
  readonly onLog?: (line: string) => void;
};

export type TestGatehouse = {
  /** The issuer's URL, where clients find everything else. */
  readonly issuer: string;
  addServer(definition: ServerDefinition): Promise<TestServer>;
  /** Ends a token as its app would (RFC 7009). A refresh token ends the whole connection. */
  revoke(tokens: Tokens): Promise<void>;
  /** Disables a person and ends everything that they allowed, as the owner would. */
  disable(person: string): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

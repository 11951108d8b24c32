/** What a scope lets an app do, as in `defineAccess` and `gatehouse.resource.json`. */
export type ScopeDefinition = {
  readonly name: string;
  readonly description: string;
  readonly implies?: readonly string[];
  /** Whether a token that names no scopes has it. True unless told otherwise. */
  readonly default?: boolean;
};

/** An MCP server to protect: what `gatehouse.resource.json` holds, or the parts of it that a test needs. */
export type ServerDefinition = {
  /** Its URL. */
  readonly resource: string;
  readonly name?: string;
  /** The scopes of an access table (`...access`), or names with a sentence each. */
  readonly scopes: readonly ScopeDefinition[] | Readonly<Record<string, string>>;
};

/** For whom a token is. People and apps come to be when a test names them, and are the same for the same name. */
export type TokenRequest = {
  /** The email address of the person who allowed it. Without one the app acts for itself (client credentials). */
  readonly person?: string;
  /** The name of the app. */
  readonly client?: string;
  /** Those that the server gives by default, unless told otherwise. */
  readonly scopes?: readonly string[];
};

/** What `/token` answered (RFC 6749 §5.1). */
export type Tokens = {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly resource: string;
  /** Not for an app that acts for itself. */
  readonly refresh_token?: string;
};

export type TestServer = {
  /** What `resourceServer` of the middleware takes, beside the access table. */
  readonly options: {
    readonly resource: string;
    readonly issuer: string;
    readonly credential: { readonly id: string; readonly secret: string };
  };
  /** The same as variables, by the names in the middleware's README. */
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
  /** Where it listens on this machine; a free port unless told otherwise. */
  readonly port?: number;
  /** Variables of the Worker, such as `ACCESS_TOKEN_SECONDS`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Gets each line of its log. */
  readonly onLog?: (line: string) => void;
};

export type TestGatehouse = {
  /** The issuer's URL, at which clients find everything. */
  readonly issuer: string;
  addServer(definition: ServerDefinition): Promise<TestServer>;
  /** Ends a token as its app would (RFC 7009); a refresh token takes the whole connection along. */
  revoke(tokens: Tokens): Promise<void>;
  /** Keeps a person out and ends all that they allowed, as the owner would. */
  disable(person: string): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

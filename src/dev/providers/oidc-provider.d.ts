/** The parts of `oidc-provider` that are used, since it has no types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  type Interaction = {
    readonly prompt: { readonly name: string };
    readonly params: Readonly<Record<string, string | undefined>>;
  };

  export class Provider {
    constructor(issuer: string, configuration: object);
    on(event: string, listener: (saved: { readonly jti: string }) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
    readonly Grant: new (properties: {
      accountId: string;
      clientId: string;
    }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
    readonly AccessToken: {
      find(token: string): Promise<{ readonly accountId: string; readonly scope: string } | undefined>;
    };
  }
}

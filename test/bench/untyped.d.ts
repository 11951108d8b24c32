/** Types for the used parts of untyped packages. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  type Run = EventEmitter & Promise<{ readonly errors: number }>;
  // biome-ignore lint/style/noDefaultExport: as the package has it.
  export default function autocannon(options: object): Run;
}

declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  type Model = { save(): Promise<string> };
  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    readonly Client: { find(id: string): Promise<object> };
    readonly Grant: new (
      payload: object,
    ) => Model & { addOIDCScope(scope: string): void };
    readonly AuthorizationCode: new (
      payload: object,
    ) => Model;
  }
}

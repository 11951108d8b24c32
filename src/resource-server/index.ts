export { type AuthVariables, type OptionsSource, resourceServer } from "./hono.ts";
export type { Auth, ResourceServerOptions } from "./options.ts";

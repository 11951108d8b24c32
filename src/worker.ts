import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "./config.ts";
import { cleanUpOnSchedule, serve, serveBinding } from "./server.ts";

/** What MCP servers in the same account reach through a service binding, without leaving Cloudflare. */
export class ResourceServers extends WorkerEntrypoint<Env> {
  introspect(input: unknown) {
    return serveBinding({ env: this.env, context: this.ctx }, "introspect", input);
  }
  accountToken(input: unknown) {
    return serveBinding({ env: this.env, context: this.ctx }, "accountToken", input);
  }
  recordToolCalls(input: unknown) {
    return serveBinding({ env: this.env, context: this.ctx }, "recordToolCalls", input);
  }
}

export default {
  fetch: serve,
  scheduled: (_controller, env, context) => cleanUpOnSchedule(env, context),
} satisfies ExportedHandler<Env>;

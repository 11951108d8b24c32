import type { Env } from "./config.ts";
import { cleanUpOnSchedule, serve } from "./server.ts";

export default {
  fetch: serve,
  scheduled: (_controller, env, context) => cleanUpOnSchedule(env, context),
} satisfies ExportedHandler<Env>;

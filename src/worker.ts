import { cleanUpOnSchedule, serve } from "./app.ts";
import type { Env } from "./config.ts";

export default {
  fetch: serve,
  scheduled: (_controller, env, context) => cleanUpOnSchedule(env, context),
} satisfies ExportedHandler<Env>;

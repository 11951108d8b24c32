import { serve } from "./app.ts";
import type { Env } from "./config.ts";

export default { fetch: serve } satisfies ExportedHandler<Env>;

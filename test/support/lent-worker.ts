import "./lower-costs.ts";
import type { Env } from "../../src/config.ts";
import worker from "../../src/dev/clock-worker.ts";

let lentWith: Env | undefined;

/**
 * The Worker whose clock can be moved, for one test file after another: `POST /__environment` takes the place of its
 * bindings. The Worker recognizes a deployment by its environment object, so all that it remembers of the last one goes.
 */
export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/__environment") return worker.fetch(request, lentWith ?? env, context);
    lentWith = await request.json<Env>();
    return new Response(null, { status: 204 });
  },
  scheduled: (controller, env, context) => worker.scheduled(controller, lentWith ?? env, context),
} satisfies ExportedHandler<Env>;

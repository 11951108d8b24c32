import type { Env } from "../config.ts";
import worker from "../worker.ts";

export { ResourceServers } from "../worker.ts";

/**
 * The production Worker with a clock that a test can move: `POST /__clock` with a number of milliseconds. It replaces
 * `Date` itself, so that libraries follow. It isn't deployed.
 */
const systemNow = Date.now;
let offset = 0;

const SystemDate = Date;
globalThis.Date = new Proxy(SystemDate, {
  construct: (target, args: [] | [number]) => (args.length === 0 ? new target(target.now()) : new target(...args)),
});
SystemDate.now = () => systemNow() + offset;

export default {
  ...worker,
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/__clock") return worker.fetch(request, env, context);
    offset = Number(await request.text());
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<Env>;

import worker from "../../src/worker.ts";

export { ResourceServers } from "../../src/worker.ts";

/** Stands in for a dataset, which a Worker can't read back: each point becomes a line of the log. */
const METRICS = {
  writeDataPoint: (point: object) => console.log(JSON.stringify({ point })),
};

const withMetrics = new WeakMap<object, Record<string, unknown>>();

export default {
  ...worker,
  fetch(request: Request, env: Record<string, unknown>, context: ExecutionContext) {
    // The Worker recognizes a deployment by its environment object.
    const known = withMetrics.get(env) ?? { ...env, METRICS };
    withMetrics.set(env, known);
    return worker.fetch(request as never, known, context);
  },
};

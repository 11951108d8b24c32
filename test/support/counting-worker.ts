import worker from "../../src/worker.ts";

export { ResourceServers } from "../../src/worker.ts";

/** Stands in for a dataset, which is gone from a Worker's sight once it is written: each point is a line of the log. */
const METRICS = {
  writeDataPoint: (point: object) => console.log(JSON.stringify({ point })),
};

const withMetrics = new WeakMap<object, Record<string, unknown>>();

export default {
  ...worker,
  fetch(request: Request, env: Record<string, unknown>, context: ExecutionContext) {
    // The Worker knows a deployment by its environment.
    const known = withMetrics.get(env) ?? { ...env, METRICS };
    withMetrics.set(env, known);
    return worker.fetch(request as never, known, context);
  },
};

import { checkHealth } from "../flows/health.ts";
import type { AppContext } from "./app-env.ts";

/** `GET /health`: 200, or 503 when the database can't be used. */
export async function getHealth(c: AppContext): Promise<Response> {
  const health = await checkHealth(c.var.deps);
  return c.json(
    { status: health.database === "ok" ? "ok" : "unavailable", ...health },
    health.database === "ok" ? 200 : 503,
  );
}

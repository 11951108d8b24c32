import { readActivity } from "../../flows/admin/activity.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { OverviewPage } from "../pages/admin/overview.tsx";

/** `GET /admin`. */
export async function getOverview(c: AppContext): Promise<Response> {
  const activity = await readActivity(ownerDepsOf(c.var.deps, c.var.session));
  return c.html(<OverviewPage frame={await panelFrameOf(c)} activity={activity} />);
}

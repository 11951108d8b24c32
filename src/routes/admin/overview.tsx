import { readActivity } from "../../flows/admin/activity.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { OverviewPage } from "../pages/admin/overview.tsx";

/** `GET /admin`. */
export async function getOverview(c: AppContext): Promise<Response> {
  const activity = await readActivity(c.var.deps);
  return c.html(<OverviewPage frame={await panelFrameOf(c)} activity={activity} />);
}

import * as z from "zod";
import { readOverview } from "../../flows/admin/overview.ts";
import type { AppContext } from "../app-env.ts";
import { readQuery } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { OverviewPage, RANGES } from "../pages/admin/overview.tsx";

/** `GET /admin`. */
export async function getOverview(c: AppContext): Promise<Response> {
  const { range } = readQuery(c, z.object({ range: z.enum(RANGES).catch("14") }));
  const frame = await panelFrameOf(c);
  const overview = await readOverview(c.var.deps, Number(range), frame.zone);
  return c.html(<OverviewPage {...{ frame, overview, range }} />);
}

import { readOverview } from "../../flows/admin/overview.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { readQuery } from "../fields.ts";
import { OverviewPage, RANGES } from "../pages/admin/overview.tsx";
import { panelShellOf } from "../shell.ts";

/** `GET /admin`. */
export async function getOverview(c: AppContext): Promise<Response> {
  const { range } = readQuery(c, z.object({ range: z.catch(z.enum(RANGES), "14") }));
  const shell = await panelShellOf(c);
  const overview = await readOverview(c.var.deps, Number(range), shell.zone);
  return c.html(<OverviewPage {...{ shell, overview, range }} />);
}

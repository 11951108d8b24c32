import { readRefusals } from "../../flows/admin/refusals.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { readQuery, textField } from "../fields.ts";
import { MOST_REFUSALS, PERIODS, RefusalsPage } from "../pages/admin/refusals.tsx";
import { panelShellOf } from "../shell.ts";

const query = z.object({ client: textField(2000), reference: textField(40), days: z.catch(z.enum(PERIODS), "3") });

/** `GET /admin/refusals`. */
export async function getRefusals(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const filter = readQuery(c, query);
  const { client, reference, days } = filter;
  const asked = { days: Number(days), clientId: client || null, requestId: reference || null, limit: MOST_REFUSALS };
  const apps = await readRefusals(deps, asked);
  return c.html(<RefusalsPage {...{ shell: await panelShellOf(c), now: deps.now(), apps, filter }} />);
}

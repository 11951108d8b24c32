import { HTTPException } from "hono/http-exception";
import {
  readAppRequests,
  readAppRules,
  readUnusedClients,
  removeAppRule,
  setAppRule,
} from "../../flows/admin/app-rules.ts";
import * as z from "../../lib/schema.ts";
import { APP_DECISIONS, APP_RULE_KINDS } from "../../oauth/app-rule.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, type RefusedForm, readQuery, textField } from "../fields.ts";
import { NewAppsPage, RuleRemovalPage } from "../pages/admin/new-apps.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

/** `GET /admin/new-apps`. */
export const getNewApps = (c: AppContext): Promise<Response> => showNewApps(c, null);

const ruleFields = z.object({
  kind: z.enum(APP_RULE_KINDS, "Choose which apps it is about."),
  pattern: textField(300),
});

/** `POST /admin/new-apps`: sets a rule. */
export const postAppRule = formRoute({
  fields: z.extend(ruleFields, { decision: z.enum(APP_DECISIONS, "Choose what becomes of them.") }),
  showAgain: showNewApps,
  submit: async (c, { kind, pattern, decision }) => {
    const set = await setAppRule(c.var.deps, kind, pattern, decision);
    return "problem" in set ? set : goTo(c, "/admin/new-apps", "saved");
  },
});

/** `GET /admin/new-apps/remove?kind=…&pattern=…`: asks first. */
export async function getAppRuleRemoval(c: AppContext): Promise<Response> {
  const { kind, pattern } = readQuery(c, ruleFields);
  const rule = (await readAppRules(c.var.deps)).find((each) => each.kind === kind && each.pattern === pattern);
  if (!rule) throw new HTTPException(404, { message: "There is no such rule." });
  return c.html(<RuleRemovalPage shell={await panelShellOf(c)} rule={rule} />);
}

/** `POST /admin/new-apps/remove`: deletes a rule. */
export const postAppRuleRemoval = formRoute({
  fields: ruleFields,
  submit: async (c, { kind, pattern }) => {
    const removed = await removeAppRule(c.var.deps, kind, pattern);
    return "problem" in removed ? removed : goTo(c, "/admin/new-apps", "saved");
  },
});

async function showNewApps(c: AppContext, refused: RefusedForm | null): Promise<Response> {
  const { deps } = c.var;
  const [requests, rules, unused] = await Promise.all([
    readAppRequests(deps),
    readAppRules(deps),
    readUnusedClients(deps),
  ]);
  const { registrationPolicy: policy } = deps.config;
  const shown = { shell: await panelShellOf(c), now: deps.now(), requests, rules, unused, policy, refused };
  return c.html(<NewAppsPage {...shown} />, refused ? 400 : 200);
}

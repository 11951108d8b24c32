import { HTTPException } from "hono/http-exception";
import {
  addGroup,
  addToGroup,
  readGroup,
  readGroupPage,
  removeFromGroup,
  removeGroup,
} from "../../flows/admin/groups.ts";
import { readProviders } from "../../flows/admin/providers.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, pageNumber, type RefusedForm, readQuery, textField } from "../fields.ts";
import { GroupPage, GroupsPage, groupPath } from "../pages/admin/groups.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const listQuery = z.object({ search: textField(100), after: optionalText(100), page: pageNumber() });
const groupForm = z.object({ name: textField(100) });

/** `GET /admin/groups`. */
export const getGroups = (c: AppContext): Promise<Response> => showGroups(c);

/** `GET /admin/groups/one?name=…`. */
export const getGroup = (c: AppContext): Promise<Response> => showGroup(c, readQuery(c, groupForm).name);

/** `POST /admin/groups`: adds one. */
export const postGroup = formRoute({
  fields: z.object({ name: textField(100), provider: optionalText(32), rule: textField(400) }),
  showAgain: showGroups,
  submit: async (c, { name, provider, rule }) => {
    const added = await addGroup(c.var.deps, { name, follows: provider === null ? null : { provider, rule } });
    return "problem" in added ? added : goTo(c, groupPath(name), "saved");
  },
});

/** `POST /admin/groups/join`, `/leave` and `/delete`: adds somebody, removes somebody, or deletes the group. */
export const postGroupChange = (change: "join" | "leave" | "delete") =>
  formRoute({
    fields: z.object({ name: textField(100), email: textField(320) }),
    showAgain: (c, refused) => showGroup(c, String(refused.typed.get("name")), refused),
    submit: async (c, { name, email }) => {
      const { deps } = c.var;
      const { id } = await findGroup(c, name);
      const changed =
        change === "delete"
          ? await removeGroup(deps, id)
          : await (change === "join" ? addToGroup : removeFromGroup)(deps, id, email);
      if ("problem" in changed) return { ...changed, field: "email" };
      return change === "delete" ? goTo(c, "/admin/groups", "deleted") : goTo(c, groupPath(name), "saved");
    },
  });

async function findGroup(c: AppContext, name: string) {
  const group = await readGroup(c.var.deps, name);
  if (!group) throw new HTTPException(404, { message: "There is no such group." });
  return group;
}

async function showGroups(c: AppContext, refused: RefusedForm | null = null): Promise<Response> {
  const { deps } = c.var;
  const { search, after, page } = readQuery(c, listQuery);
  const [groups, providers] = await Promise.all([
    readGroupPage(deps, search, after),
    readProviders(deps, deps.config.issuer),
  ]);
  const shown = { shell: await panelShellOf(c), groups, search, page, providers, refused };
  return c.html(<GroupsPage {...shown} />, refused ? 400 : 200);
}

async function showGroup(c: AppContext, name: string, refused: RefusedForm | null = null): Promise<Response> {
  const group = await findGroup(c, name);
  return c.html(<GroupPage {...{ shell: await panelShellOf(c), group, refused }} />, refused ? 400 : 200);
}

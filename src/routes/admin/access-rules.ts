import { allowAccess, removeAccess, setOpenness } from "../../flows/admin/access-rules.ts";
import { readResource } from "../../flows/admin/lists.ts";
import * as z from "../../lib/schema.ts";
import type { AccessSubject } from "../../store/access-rules.ts";
import { formRoute, idOf, textField, ticked } from "../fields.ts";
import { goTo } from "../redirect.ts";
import { showResource } from "./resources.tsx";

/** `POST /admin/resources/:id/openness`: for everybody, or only for those whom its rules name. */
export const postOpenness = formRoute({
  fields: z.object({ open: ticked() }),
  submit: async (c, { open }) => {
    const changed = await setOpenness(c.var.deps, idOf(c), open);
    return "problem" in changed ? changed : goTo(c, `/admin/resources/${idOf(c)}`, "saved");
  },
});

/** `POST /admin/resources/:id/access`: lets a person, a group or everybody use it. */
export const postAccess = formRoute({
  fields: z.object({
    whom: textField(200),
    email: textField(320),
    scope: z.array(textField(128)).check(z.maxLength(100)),
  }),
  showAgain: (c, refused) => showResource(c, idOf(c), { refusedAccess: refused }),
  submit: async (c, { whom, email, scope }) => {
    const { deps } = c.var;
    if (scope.length === 0) return { problem: "Tick at least one permission." };
    const resource = await readResource(deps, idOf(c));
    // A rule with every scope ticked also covers scopes that the server offers later.
    const isAll = resource?.scopes.every(({ name }) => scope.includes(name)) ?? false;
    const allowed = await allowAccess(deps, idOf(c), subjectOf(whom, email), isAll ? [] : scope);
    const field = whom === "person" ? "email" : "whom";
    return "problem" in allowed ? { ...allowed, field } : goTo(c, `/admin/resources/${idOf(c)}`, "saved");
  },
});

function subjectOf(whom: string, email: string): AccessSubject {
  if (whom === "everybody") return { kind: "everybody" };
  return whom.startsWith("group:") ? { kind: "group", name: whom.slice("group:".length) } : { kind: "person", email };
}

/** `POST /admin/resources/:id/access/remove`. */
export const postAccessRemoval = formRoute({
  fields: z.object({ rule: z.uuid() }),
  submit: async (c, { rule }) => {
    const removed = await removeAccess(c.var.deps, idOf(c), rule);
    return "problem" in removed ? removed : goTo(c, `/admin/resources/${idOf(c)}`, "saved");
  },
});

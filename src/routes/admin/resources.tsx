import { HTTPException } from "hono/http-exception";
import { readAccessRules } from "../../flows/admin/access-rules.ts";
import { readGroups } from "../../flows/admin/groups.ts";
import { readResource, readResources } from "../../flows/admin/lists.ts";
import { addResource, changeResource, removeResource, rotateResourceCredential } from "../../flows/admin/resources.ts";
import * as z from "../../lib/schema.ts";
import { RESOURCE_STATES } from "../../store/resource-listing.ts";
import type { ResourceScope } from "../../store/resources.ts";
import type { AppContext } from "../app-env.ts";
import {
  formRoute,
  idOf,
  optionalText,
  pageNumber,
  type RefusedForm,
  readQuery,
  textField,
  ticked,
} from "../fields.ts";
import { addRow, removeRow } from "../form-rows.ts";
import { ResourcePage } from "../pages/admin/resource.tsx";
import { type CredentialToCopy, ResourcesPage } from "../pages/admin/resources.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

const listQuery = z.object({
  search: textField(200),
  state: z.catch(z.enum(["", ...RESOURCE_STATES]), ""),
  order: z.catch(z.enum(["", "z"]), ""),
  after: optionalText(2000),
  page: pageNumber(),
});

/** `GET /admin/resources`. */
export const getResources = (c: AppContext): Promise<Response> => showResources(c);

/** `GET /admin/resources/:id`. */
export const getResource = (c: AppContext): Promise<Response> => showResource(c, idOf(c), {});

/** `POST /admin/resources`: adds a server. The answer shows its credential. */
export const postResource = formRoute({
  fields: z.object({ uri: textField(2000), name: textField(200) }),
  showAgain: showResources,
  submit: async (c, { uri, name }) => {
    const input = { uri, name, scopes: [], isDefault: false };
    const made = await addResource(c.var.deps, input);
    return "problem" in made ? { ...made, field: "uri" } : showResource(c, made.id, { made });
  },
});

const scopeColumn = (maxLength: number) =>
  z.array(textField(maxLength)).check(z.maxLength(100, "A server can have at most 100 scopes."));

/** A duration that was typed as a number and a unit, in seconds. Null if the number was left empty. */
const lengthOf = (unit: number) =>
  z.pipe(
    optionalText(20),
    z.transform((typed) => (typed === null ? null : Math.round(Number(typed) * unit))),
  );

const termsForm = z.object({
  name: textField(200),
  default: ticked(),
  max_days: lengthOf(DAY),
  access_hours: lengthOf(HOUR),
  scope_name: scopeColumn(128),
  scope_description: scopeColumn(300),
  scope_implies: scopeColumn(1000),
  /** The rows whose box is ticked. */
  scope_default: z.array(z.string()),
});

/** The buttons that only add a row to the form or remove one. */
const rowButtons = z.object({ add_scope: z.optional(z.string()), remove_scope: z.optional(z.string()) });

/** `POST /admin/resources/:id`: replaces its name, its limit and its scopes, or only shows the form with other rows. */
export async function postResourceChange(c: AppContext): Promise<Response> {
  const { add_scope: add, remove_scope: remove } = rowButtons.parse(Object.fromEntries(c.var.form));
  if (add === undefined && remove === undefined) return saveResource(c);
  const typed = remove === undefined ? addRow(c.var.form, SCOPE_COLUMNS) : removeRow(c.var.form, ROWS, Number(remove));
  return showResource(c, idOf(c), { refused: { problem: null, field: null, typed } });
}

const SCOPE_COLUMNS = ["scope_name", "scope_description", "scope_implies"];
const ROWS = { columns: SCOPE_COLUMNS, ticked: "scope_default" };

const saveResource = formRoute({
  fields: termsForm,
  showAgain: (c, refused) => showResource(c, idOf(c), { refused }),
  submit: async (c, fields) => {
    const terms = {
      name: fields.name,
      isDefault: fields.default,
      maxFamilySeconds: fields.max_days,
      accessSeconds: fields.access_hours,
      scopes: readScopes(fields),
    };
    const changed = await changeResource(c.var.deps, idOf(c), terms);
    if (!("problem" in changed)) return goTo(c, `/admin/resources/${idOf(c)}`, "saved");
    return changed.field === undefined ? changed : { ...changed, field: TERM_FIELDS[changed.field] };
  },
});

/** The fields of the terms with which there can be a problem. */
const TERM_FIELDS = { name: "name", maxFamilySeconds: "max_days", accessSeconds: "access_hours" } as const;

/** `POST /admin/resources/:id/delete`. */
export const postResourceDeletion = formRoute({
  fields: z.object({}),
  submit: async (c) => {
    const removed = await removeResource(c.var.deps, idOf(c));
    return "problem" in removed ? removed : goTo(c, "/admin/resources", "server_deleted");
  },
});

/** `POST /admin/resources/:id/rotate`: the answer shows the new credential. */
export const postRotate = formRoute({
  fields: z.object({}),
  submit: async (c) => {
    const owner = c.var.deps;
    const resource = await readResource(owner, idOf(c));
    if (!resource) return { problem: "There is no such server." };
    const made = await rotateResourceCredential(owner, resource.uri);
    return "problem" in made ? made : showResource(c, idOf(c), { made });
  },
});

/** The rows that have a name. */
const readScopes = (fields: z.output<typeof termsForm>): readonly ResourceScope[] =>
  fields.scope_name
    .map((name, row) => ({
      name,
      description: fields.scope_description[row] ?? "",
      implies: fields.scope_implies[row]?.split(/\s+/).filter((implied) => implied !== "") ?? [],
      isDefault: fields.scope_default.includes(String(row)),
    }))
    .filter(({ name }) => name !== "");

async function showResources(c: AppContext, refused: RefusedForm | null = null): Promise<Response> {
  const { after, page, ...query } = readQuery(c, listQuery);
  const options = { state: query.state || null, fromZ: query.order === "z" };
  const resources = await readResources(c.var.deps, query.search, after, options);
  const shown = { shell: await panelShellOf(c), now: c.var.deps.now(), resources, query, page, refused };
  return c.html(<ResourcesPage {...shown} />, refused ? 400 : 200);
}

type Shown = {
  readonly made?: CredentialToCopy | null;
  readonly refused?: RefusedForm | null;
  readonly refusedAccess?: RefusedForm | null;
};

export async function showResource(c: AppContext, id: string, shown: Shown): Promise<Response> {
  const { deps } = c.var;
  const { made = null, refused = null, refusedAccess = null } = shown;
  const resource = await readResource(deps, id);
  if (!resource) throw new HTTPException(404, { message: "There is no such server." });
  const [rules, groups] = await Promise.all([readAccessRules(deps, id), readGroups(deps)]);
  const shell = await panelShellOf(c);
  return c.html(
    <ResourcePage {...{ shell, now: deps.now(), resource, rules, groups, made, refused, refusedAccess }} />,
    (refused?.problem ?? refusedAccess?.problem) ? 400 : 200,
  );
}

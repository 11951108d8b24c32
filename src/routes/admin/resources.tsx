import { readResource, readResources } from "../../flows/admin/list-resources.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import { addResource, changeResource, rotateResourceCredential } from "../../flows/admin/resources.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { ResourceScope } from "../../store/resources.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { ResourcePage } from "../pages/admin/resource.tsx";
import { ResourcesPage, type ShownCredential } from "../pages/admin/resources.tsx";
import { goTo, orRefuse } from "../redirect.ts";

const DAY = 24 * 60 * 60;
const MAX_SCOPES = 100;
const FRESH = { fresh: true };

/** `GET /admin/resources`. */
export const getResources = (c: AppContext): Promise<Response> => showResources(c, null);

/** `GET /admin/resources/:id`. */
export const getResource = (c: AppContext): Promise<Response> => showResource(c, c.req.param("id") ?? "", {});

/** `POST /admin/resources`: adds one; the answer shows its credential. */
export async function postResource(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const input = { uri: form.get("uri")?.trim() ?? "", name: form.get("name") ?? "", scopes: [], isDefault: false };
  const made = await addResource(ownerDepsOf(deps, session, FRESH), input);
  return "problem" in made ? showResources(c, made.problem) : showResource(c, made.id, { made });
}

/** `POST /admin/resources/:id`: replaces its name, its limit and its scopes. */
export async function postResourceChange(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const id = c.req.param("id") ?? "";
  const days = form.get("max_days")?.trim() ?? "";
  const changed = await changeResource(ownerDepsOf(deps, session), id, {
    name: form.get("name") ?? "",
    isDefault: form.has("default"),
    maxFamilySeconds: days === "" ? null : Math.round(Number(days) * DAY),
    scopes: readScopes(form),
  });
  return "problem" in changed
    ? showResource(c, id, { problem: changed.problem })
    : goTo(c, `/admin/resources/${id}`, "saved");
}

/** `POST /admin/resources/:id/rotate`: the answer shows the new credential. */
export async function postRotate(c: AppContext): Promise<Response> {
  const owner = ownerDepsOf(c.var.deps, c.var.session, FRESH);
  const id = c.req.param("id") ?? "";
  const resource = await readResource(owner, id);
  const made = orRefuse(await rotateResourceCredential(owner, resource?.uri ?? ""));
  return showResource(c, id, { made });
}

/** The rows that have a name. */
function readScopes(form: URLSearchParams): ResourceScope[] {
  return Array.from({ length: MAX_SCOPES }, (_, index) => ({
    name: form.get(`name.${index}`)?.trim() ?? "",
    description: form.get(`description.${index}`)?.trim() ?? "",
    implies: (form.get(`implies.${index}`) ?? "").split(/\s+/).filter((name) => name !== ""),
    isDefault: form.has(`default.${index}`),
  })).filter(({ name }) => name !== "");
}

async function showResources(c: AppContext, problem: string | null): Promise<Response> {
  const resources = await readResources(ownerDepsOf(c.var.deps, c.var.session), c.req.query("after") ?? null);
  return c.html(<ResourcesPage {...{ frame: await panelFrameOf(c), resources, problem }} />, problem ? 400 : 200);
}

async function showResource(
  c: AppContext,
  id: string,
  { made = null, problem = null }: { readonly made?: ShownCredential | null; readonly problem?: string | null },
): Promise<Response> {
  const { deps, session } = c.var;
  const resource = await readResource(ownerDepsOf(deps, session), id);
  if (!resource) throw new OAuthError("invalid_request", "There is no such server.", { status: 404 });
  const frame = await panelFrameOf(c);
  return c.html(<ResourcePage {...{ frame, now: deps.now(), resource, made, problem }} />, problem ? 400 : 200);
}

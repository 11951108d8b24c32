import { readUsers } from "../../flows/admin/list-users.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import { createSetupLink, endSetupLink, readSetupLinks, type SetupLinkUrl } from "../../flows/admin/setup-links.ts";
import { setUserStanding, type UserAction } from "../../flows/admin/standing.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { PeoplePage } from "../pages/admin/people.tsx";
import { goTo, orRefuse } from "../redirect.ts";

const FRESH = { fresh: true };

/** `GET /admin/people`. */
export const getPeople = (c: AppContext): Promise<Response> => showPeople(c, {});

/** `POST /admin/people/invite`: the answer shows the link. */
export async function postInvite(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const role = form.get("role") === "owner" ? "owner" : "member";
  const purpose = { kind: "invitation", role, email: form.get("email") ?? "" } as const;
  const made = await createSetupLink(ownerDepsOf(deps, session, FRESH), deps.config.issuer, purpose);
  return "problem" in made ? showPeople(c, made) : showPeople(c, { made });
}

/** `POST /admin/people/reset`: the answer shows the link. */
export async function postReset(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const purpose = { kind: "reset", email: form.get("email") ?? "" } as const;
  return showPeople(c, {
    made: orRefuse(await createSetupLink(ownerDepsOf(deps, session, FRESH), deps.config.issuer, purpose)),
  });
}

/** `POST /admin/people/revoke-link`. */
export async function postRevokeLink(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  await endSetupLink(ownerDepsOf(deps, session), form.get("link") ?? "");
  return goTo(c, "/admin/people", "ended");
}

/** `POST /admin/people/disable`, `/enable` and `/delete`. */
export const postUserStanding =
  (standing: UserAction) =>
  async (c: AppContext): Promise<Response> => {
    const { deps, session, form } = c.var;
    orRefuse(await setUserStanding(ownerDepsOf(deps, session), form.get("email") ?? "", standing));
    return goTo(c, "/admin/people", `${standing}d`);
  };

async function showPeople(
  c: AppContext,
  { made = null, problem = null }: { readonly made?: SetupLinkUrl | null; readonly problem?: string | null },
): Promise<Response> {
  const { deps, session } = c.var;
  const owner = ownerDepsOf(deps, session);
  const search = c.req.query("search") ?? "";
  const [people, links] = await Promise.all([
    readUsers(owner, search, c.req.query("after") ?? null),
    readSetupLinks(owner),
  ]);
  const frame = await panelFrameOf(c);
  return c.html(
    <PeoplePage {...{ frame, now: deps.now(), people, links, search, made, problem }} />,
    problem ? 400 : 200,
  );
}

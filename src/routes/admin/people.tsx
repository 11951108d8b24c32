import { HTTPException } from "hono/http-exception";
import { readGroupsOf } from "../../flows/admin/groups.ts";
import { readConnectionsOfPerson, readUser, readUsers } from "../../flows/admin/lists.ts";
import { createSetupLink, endSetupLink, readSetupLinks, type SetupLinkUrl } from "../../flows/admin/setup-links.ts";
import { setUserStatus, type UserAction } from "../../flows/admin/status.ts";
import * as z from "../../lib/schema.ts";
import { USER_STATES } from "../../store/user-listing.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, pageNumber, type RefusedForm, readQuery, textField } from "../fields.ts";
import { PeoplePage, personPath } from "../pages/admin/people.tsx";
import { PersonPage } from "../pages/admin/person.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const listQuery = z.object({
  search: textField(320),
  state: z.catch(z.enum(["", ...USER_STATES]), ""),
  order: z.catch(z.enum(["", "z"]), ""),
  after: optionalText(320),
  page: pageNumber(),
});
const personForm = z.object({ email: textField(320) });

/** `GET /admin/people`. */
export const getPeople = (c: AppContext): Promise<Response> => showPeople(c, {});

/** `GET /admin/people/one?email=…`. */
export async function getPerson(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { email } = readQuery(c, personForm);
  const [person, groups, connections] = await Promise.all([
    readUser(deps, email),
    readGroupsOf(deps, email),
    readConnectionsOfPerson(deps, email),
  ]);
  if (!person) throw new HTTPException(404, { message: "There is no such person." });
  const shown = { shell: await panelShellOf(c), now: deps.now(), person, groups, connections };
  return c.html(<PersonPage {...shown} />);
}

/** `POST /admin/people/invite`: the answer shows the link. */
export const postInvite = formRoute({
  fields: z.object({ email: textField(320), role: z._default(z.enum(["member", "owner"]), "member") }),
  showAgain: (c, refused) => showPeople(c, { refused }),
  submit: async (c, { email, role }) => {
    const { deps } = c.var;
    const purpose = { kind: "invitation", role, email } as const;
    const made = await createSetupLink(deps, deps.config.issuer, purpose);
    return "problem" in made ? { ...made, field: "email" } : showPeople(c, { made });
  },
});

/** `POST /admin/people/reset`: the answer shows the link. */
export const postReset = formRoute({
  fields: personForm,
  submit: async (c, { email }) => {
    const { deps } = c.var;
    const purpose = { kind: "reset", email } as const;
    const made = await createSetupLink(deps, deps.config.issuer, purpose);
    return "problem" in made ? made : showPeople(c, { made });
  },
});

/** `POST /admin/people/revoke-link`. */
export const postRevokeLink = formRoute({
  fields: z.object({ link: textField(100) }),
  submit: async (c, { link }) => {
    await endSetupLink(c.var.deps, link);
    return goTo(c, "/admin/people", "ended");
  },
});

/** `POST /admin/people/disable`, `/enable` and `/delete`. */
export const postUserStatus = (change: UserAction) =>
  formRoute({
    fields: personForm,
    submit: async (c, { email }) => {
      const outcome = await setUserStatus(c.var.deps, email, change);
      if ("problem" in outcome) return outcome;
      return goTo(c, change === "delete" ? "/admin/people" : personPath(email), `${change}d`);
    },
  });

type Shown = { readonly made?: SetupLinkUrl | null; readonly refused?: RefusedForm | null };

async function showPeople(c: AppContext, { made = null, refused = null }: Shown): Promise<Response> {
  const { deps } = c.var;
  const { after, page, ...query } = readQuery(c, listQuery);
  const options = { state: query.state || null, fromZ: query.order === "z" };
  const [people, links] = await Promise.all([readUsers(deps, query.search, after, options), readSetupLinks(deps)]);
  const shown = { shell: await panelShellOf(c), now: deps.now(), people, links, query, page, made, refused };
  return c.html(<PeoplePage {...shown} />, refused ? 400 : 200);
}

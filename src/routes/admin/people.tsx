import * as z from "zod";
import { readUsers } from "../../flows/admin/list-users.ts";
import { createSetupLink, endSetupLink, readSetupLinks, type SetupLinkUrl } from "../../flows/admin/setup-links.ts";
import { setUserStanding, type UserAction } from "../../flows/admin/standing.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, type RefusedForm, readQuery, text } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { PeoplePage } from "../pages/admin/people.tsx";
import { goTo } from "../redirect.ts";

const listQuery = z.object({ search: text(320), after: optionalText(320) });
const personForm = z.object({ email: text(320) });

/** `GET /admin/people`. */
export const getPeople = (c: AppContext): Promise<Response> => showPeople(c, {});

/** `POST /admin/people/invite`: the answer shows the link. */
export const postInvite = formRoute({
  fields: z.object({ email: text(320), role: z.enum(["member", "owner"]).default("member") }),
  showAgain: (c, refused) => showPeople(c, { refused }),
  submit: async (c, { email, role }) => {
    const { deps } = c.var;
    const purpose = { kind: "invitation", role, email } as const;
    const made = await createSetupLink(deps, deps.config.issuer, purpose);
    return "problem" in made ? made : showPeople(c, { made });
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
  fields: z.object({ link: text(100) }),
  submit: async (c, { link }) => {
    await endSetupLink(c.var.deps, link);
    return goTo(c, "/admin/people", "ended");
  },
});

/** `POST /admin/people/disable`, `/enable` and `/delete`. */
export const postUserStanding = (standing: UserAction) =>
  formRoute({
    fields: personForm,
    submit: async (c, { email }) => {
      const outcome = await setUserStanding(c.var.deps, email, standing);
      return "problem" in outcome ? outcome : goTo(c, "/admin/people", `${standing}d`);
    },
  });

type Shown = { readonly made?: SetupLinkUrl | null; readonly refused?: RefusedForm | null };

async function showPeople(c: AppContext, { made = null, refused = null }: Shown): Promise<Response> {
  const { deps } = c.var;
  const owner = deps;
  const { search, after } = readQuery(c, listQuery);
  const [people, links] = await Promise.all([readUsers(owner, search, after), readSetupLinks(owner)]);
  const frame = await panelFrameOf(c);
  return c.html(
    <PeoplePage {...{ frame, now: deps.now(), people, links, search, made, refused }} />,
    refused ? 400 : 200,
  );
}

import * as z from "zod";
import { createInitialAccessToken, endInitialAccessToken } from "../../flows/admin/initial-access-tokens.ts";
import { listInitialAccessTokens } from "../../flows/admin/list-initial-access-tokens.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalCount, optionalText, type RefusedForm, text } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { RegistrationPage } from "../pages/admin/registration.tsx";
import { goTo } from "../redirect.ts";

/** `GET /admin/registration`. */
export const getRegistrationPolicy = (c: AppContext): Promise<Response> => showRegistration(c, {});

/** `POST /admin/registration`: makes an initial access token; the answer shows it. */
export const postInitialAccessToken = formRoute({
  fields: z.object({
    label: text(100).transform((typed) => typed || "Unnamed"),
    resource: optionalText(2000),
    uses: optionalCount(99_999),
    days: optionalCount(99_999),
  }),
  showAgain: (c, refused) => showRegistration(c, { refused }),
  submit: async (c, input) => {
    const made = await createInitialAccessToken(c.var.deps, input);
    return "problem" in made ? made : showRegistration(c, { made: made.token });
  },
});

/** `POST /admin/registration/revoke`. */
export const postRevokeInitialAccessToken = formRoute({
  fields: z.object({ token: text(100) }),
  submit: async (c, { token }) => {
    const outcome = await endInitialAccessToken(c.var.deps, token);
    return "problem" in outcome ? outcome : goTo(c, "/admin/registration", "ended");
  },
});

type Shown = { readonly made?: string | null; readonly refused?: RefusedForm | null };

async function showRegistration(c: AppContext, { made = null, refused = null }: Shown): Promise<Response> {
  const { deps } = c.var;
  const tokens = await listInitialAccessTokens(deps);
  const { registrationPolicy: policy } = deps.config;
  const frame = await panelFrameOf(c);
  return c.html(
    <RegistrationPage {...{ frame, now: deps.now(), policy, tokens, made, refused }} />,
    refused ? 400 : 200,
  );
}

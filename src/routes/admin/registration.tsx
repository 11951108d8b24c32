import { createInitialAccessToken, endInitialAccessToken } from "../../flows/admin/initial-access-tokens.ts";
import { readInitialAccessTokens } from "../../flows/admin/lists.ts";
import * as z from "../../lib/schema.ts";
import { TOKEN_STATES } from "../../store/initial-access-tokens.ts";
import type { AppContext } from "../app-env.ts";
import {
  formRoute,
  optionalCount,
  optionalText,
  pageNumber,
  type RefusedForm,
  readQuery,
  textField,
} from "../fields.ts";
import { RegistrationPage } from "../pages/admin/registration.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const listQuery = z.object({
  search: textField(100),
  state: z.catch(z.enum(["", ...TOKEN_STATES]), ""),
  order: z.catch(z.enum(["", "oldest"]), ""),
  after: optionalText(100),
  page: pageNumber(),
});

/** `GET /admin/registration`. */
export const getRegistrationPolicy = (c: AppContext): Promise<Response> => showRegistration(c, {});

/** `POST /admin/registration`: makes an initial access token, which the answer shows. */
export const postInitialAccessToken = formRoute({
  fields: z.object({
    label: z.pipe(
      textField(100),
      z.transform((typed) => typed || "Unnamed"),
    ),
    resource: optionalText(2000),
    uses: optionalCount(99_999),
    days: optionalCount(99_999),
  }),
  showAgain: (c, refused) => showRegistration(c, { refused }),
  submit: async (c, input) => {
    const made = await createInitialAccessToken(c.var.deps, input);
    return "problem" in made ? { ...made, field: "resource" } : showRegistration(c, { made: made.token });
  },
});

/** `POST /admin/registration/revoke`. */
export const postRevokeInitialAccessToken = formRoute({
  fields: z.object({ token: textField(100) }),
  submit: async (c, { token }) => {
    const outcome = await endInitialAccessToken(c.var.deps, token);
    return "problem" in outcome ? outcome : goTo(c, "/admin/registration", "ended");
  },
});

type Shown = { readonly made?: string | null; readonly refused?: RefusedForm | null };

async function showRegistration(c: AppContext, { made = null, refused = null }: Shown): Promise<Response> {
  const { deps } = c.var;
  const { after, page, ...query } = readQuery(c, listQuery);
  const options = { state: query.state || null, oldestFirst: query.order === "oldest" };
  const tokens = await readInitialAccessTokens(deps, query.search, after, options);
  const policy = deps.config.registrationPolicy;
  const shown = { shell: await panelShellOf(c), now: deps.now(), policy, tokens, query, page, made, refused };
  return c.html(<RegistrationPage {...shown} />, refused ? 400 : 200);
}

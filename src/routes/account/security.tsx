import { HTTPException } from "hono/http-exception";
import {
  addPasskey,
  changePassword,
  makeRecoveryCodes,
  readCredentials,
  removePasskey,
  renamePasskey,
} from "../../flows/account/credentials.ts";
import { beginIdentity, readIdentities, removeIdentity } from "../../flows/account/identities.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { sessionTokenOf } from "../cookies.ts";
import { formRoute, idOf, passkeyFields, type RefusedForm, readQuery, secret, textField } from "../fields.ts";
import { rememberBrowser } from "../login.tsx";
import { signInAgainLocation } from "../middleware/signed-in.ts";
import { RecoveryCodesPage, SecurityPage } from "../pages/account/security.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const PATH = "/account/security";

/** `GET /account/security`. */
export const getSecurity = (c: AppContext): Promise<Response> => showSecurity(c, null);

/** `POST /account/passkeys`. */
export const postPasskey = formRoute({
  fields: z.object({ ...passkeyFields, name: z._default(z.string(), "") }),
  showAgain: showSecurity,
  submit: async (c, { name, ...answer }) => {
    const { deps, session } = c.var;
    if (!(await addPasskey(deps, session, answer, name))) throw refuse("No passkey was added.");
    return goTo(c, PATH, "passkey_added");
  },
});

/** `POST /account/passkeys/rename`. */
export const postRenamePasskey = formRoute({
  fields: z.object({
    passkey: z._default(z.string(), ""),
    was: z.optional(textField(100)),
    name: textField(100).check(z.refine(Boolean, "A passkey needs a name.")),
  }),
  showAgain: showSecurity,
  submit: async (c, { passkey, was, name }) => {
    if (!(await renamePasskey(c.var.deps, passkey, name))) throw refuse("The passkey was not renamed.");
    return goTo(c, PATH, "renamed", was ? { passkey, was } : {});
  },
});

/** `POST /account/passkeys/remove`. */
export const postRemovePasskey = formRoute({
  fields: z.object({ passkey: z._default(z.string(), "") }),
  submit: async (c, { passkey }) => {
    if (!(await removePasskey(c.var.deps, passkey))) {
      throw refuse("The passkey was not removed. It may be the only thing you can sign in with.");
    }
    return goTo(c, PATH, "passkey_removed");
  },
});

/** `POST /account/password`. */
export const postPassword = formRoute({
  fields: z.object({ password: secret(1000) }),
  showAgain: showSecurity,
  submit: async (c, { password }) => {
    const changed = await changePassword(c.var.deps, c.var.session, password);
    if ("problem" in changed) return { ...changed, field: "password" };
    rememberBrowser(c, changed.browser);
    return goTo(c, PATH, "password_changed");
  },
});

/** `POST /account/recovery-codes`: the answer shows them. */
export const postRecoveryCodes = formRoute({
  fields: z.object({}),
  submit: async (c) => {
    const codes = await makeRecoveryCodes(c.var.deps);
    if (!codes) throw refuse("No codes were created.");
    return c.html(<RecoveryCodesPage shell={await panelShellOf(c)} codes={codes} />);
  },
});

const renamedQuery = z.object({ passkey: textField(2000), was: textField(100) });

async function showSecurity(c: AppContext, refused: RefusedForm | null): Promise<Response> {
  const { deps, session } = c.var;
  const [credentials, others] = await Promise.all([readCredentials(deps, session), readIdentities(deps, session)]);
  const signIn = await signInAgainLocation(c, PATH);
  const { passkey, was } = readQuery(c, renamedQuery);
  const renamed = passkey && was ? { passkey, was } : null;
  const shown = { shell: await panelShellOf(c), now: deps.now(), credentials, others, renamed, refused, signIn };
  return c.html(<SecurityPage {...shown} />, refused ? 400 : 200);
}

/** `POST /account/identities/:id`: goes to a provider, to add it as a way to sign in. */
export async function postIdentity(c: AppContext): Promise<Response> {
  const { location } = await beginIdentity(c.var.deps, idOf(c), sessionTokenOf(c));
  return c.redirect(location, 303);
}

/** `POST /account/identities/:id/remove`. */
export async function postRemoveIdentity(c: AppContext): Promise<Response> {
  if (!(await removeIdentity(c.var.deps, idOf(c)))) {
    throw refuse("It was not removed. It may be the only thing you can sign in with.");
  }
  return goTo(c, PATH, "identity_removed");
}

const refuse = (what: string) =>
  new HTTPException(403, {
    message: `${what} To change this, you must have signed in within the last five minutes.`,
  });

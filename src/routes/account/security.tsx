import {
  addPasskey,
  changePassword,
  makeRecoveryCodes,
  readCredentials,
  removePasskey,
} from "../../flows/account/credentials.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { keepDevice } from "../login.tsx";
import { signInAgainLocation } from "../middleware/signed-in.ts";
import { RecoveryCodesPage, SecurityPage } from "../pages/account/security.tsx";
import { goTo } from "../redirect.ts";

const PATH = "/account/security";

/** `GET /account/security`. */
export const getSecurity = (c: AppContext): Promise<Response> => showSecurity(c, null);

/** `POST /account/passkeys`. */
export async function postPasskey(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const answer = { credential: form.get("credential") ?? "", challenge: form.get("challenge") ?? "" };
  if (!(await addPasskey(deps, session, answer, form.get("name") ?? ""))) throw refused("No passkey was added.");
  return goTo(c, PATH, "passkey_added");
}

/** `POST /account/passkeys/remove`. */
export async function postRemovePasskey(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  if (!(await removePasskey(deps, form.get("passkey") ?? ""))) {
    throw refused("The passkey was not removed. It may be the only thing you can sign in with.");
  }
  return goTo(c, PATH, "passkey_removed");
}

/** `POST /account/password`. */
export async function postPassword(c: AppContext): Promise<Response> {
  const changed = await changePassword(c.var.deps, c.var.session, c.var.form.get("password") ?? "");
  if ("problem" in changed) return showSecurity(c, changed.problem);
  keepDevice(c, changed.device);
  return goTo(c, PATH, "password_changed");
}

/** `POST /account/recovery-codes`: the answer shows them. */
export async function postRecoveryCodes(c: AppContext): Promise<Response> {
  const codes = await makeRecoveryCodes(c.var.deps);
  if (!codes) throw refused("No codes were made.");
  return c.html(<RecoveryCodesPage frame={await panelFrameOf(c)} codes={codes} />);
}

async function showSecurity(c: AppContext, problem: string | null): Promise<Response> {
  const { deps, session } = c.var;
  return c.html(
    <SecurityPage
      frame={await panelFrameOf(c)}
      now={deps.now()}
      credentials={await readCredentials(deps, session)}
      problem={problem}
      signIn={await signInAgainLocation(c, PATH)}
    />,
    problem ? 400 : 200,
  );
}

const refused = (what: string) =>
  new OAuthError("access_denied", `${what} Changing this takes a sign-in of the last five minutes.`, { status: 403 });

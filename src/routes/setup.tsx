import { openSetupLink, type SetupChoice, useSetupLink } from "../flows/login/setup.ts";
import type { AppContext } from "./app-env.ts";
import { frameOf } from "./frame.ts";
import { keepSignedIn, loginCookies } from "./login.tsx";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { SetupCodePage, SetupPage } from "./pages/setup.tsx";
import { goTo } from "./redirect.ts";

/** `GET /setup`: never uses a link up, since programs that look at links ahead of people follow them. */
export const getSetup = (c: AppContext): Promise<Response> => askCode(c, false);

/** `POST /setup`: opens a link; nor does this. */
export const postSetup = (c: AppContext): Promise<Response> => showSetup(c, null);

/** `POST /setup/password`. */
export const postSetupPassword = (c: AppContext): Promise<Response> =>
  finish(c, { method: "password", password: c.var.form.get("password") ?? "" });

/** `POST /setup/passkey`. */
export const postSetupPasskey = (c: AppContext): Promise<Response> =>
  finish(c, {
    method: "passkey",
    answer: { credential: c.var.form.get("credential") ?? "", challenge: c.var.form.get("challenge") ?? "" },
  });

async function finish(c: AppContext, choice: SetupChoice): Promise<Response> {
  const { deps, form } = c.var;
  const done = await useSetupLink(deps, form.get("code") ?? "", form.get("email") ?? "", choice, loginCookies(c));
  if ("problem" in done) return showSetup(c, done.problem);
  keepSignedIn(c, done);
  return goTo(c, "/account/security");
}

async function showSetup(c: AppContext, problem: string | null): Promise<Response> {
  const { deps, form } = c.var;
  const code = form.get("code")?.trim() ?? "";
  const link = await openSetupLink(deps, code, form.get("email") ?? "");
  if (!link) return askCode(c, true);
  const csrf = await issueCsrfToken(c);
  return c.html(<SetupPage {...{ frame: frameOf(deps.config), csrf, code, link, problem }} />, problem ? 400 : 200);
}

const askCode = async (c: AppContext, failed: boolean) =>
  c.html(
    <SetupCodePage frame={frameOf(c.var.deps.config)} csrf={await issueCsrfToken(c)} failed={failed} />,
    failed ? 400 : 200,
  );

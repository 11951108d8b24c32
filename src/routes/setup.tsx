import { confirmIssuer } from "../flows/confirmed-issuer.ts";
import { openSetupLink, type SetupChoice, useSetupLink } from "../flows/login/setup.ts";
import * as z from "../lib/schema.ts";
import type { AppContext } from "./app-env.ts";
import { formRoute, passkeyFields, type RefusedForm, secret, textField } from "./fields.ts";
import { keepSignedIn, loginCookies } from "./login.tsx";
import { AddressPage, SetupCodePage, SetupPage, type SetupProblem } from "./pages/setup.tsx";
import { goTo } from "./redirect.ts";
import { formShellOf } from "./shell.ts";

/** The link's code, and the address that the person typed if the link names none. */
const linkForm = z.object({ code: textField(200), email: textField(1000) });

/** `GET /setup` never uses a link up, because programs open links before people do. */
export const getSetup = (c: AppContext): Promise<Response> => askCode(c, null);

/** `POST /setup` opens a link, without using it up. */
export const postSetup = formRoute({
  fields: linkForm,
  showAgain: askCode,
  submit: (c, link) => showSetup(c, link, null),
});

/** `POST /setup/address`: confirms the issuer, if no variable names it. */
export const postAddress = formRoute({
  fields: z.extend(linkForm, { address: textField(300) }),
  showAgain: askCode,
  submit: async (c, { address, ...link }) => {
    const confirmed = await confirmIssuer(c.var.deps, { code: link.code, address });
    return "problem" in confirmed ? confirmed : showCredentials(c, link, null);
  },
});

/** `POST /setup/password`. */
export const postSetupPassword = formRoute({
  fields: z.extend(linkForm, { password: secret(1000) }),
  showAgain: askCode,
  submit: (c, { password, ...link }) => finish(c, link, { method: "password", password }),
});

/** `POST /setup/passkey`. */
export const postSetupPasskey = formRoute({
  fields: z.extend(linkForm, passkeyFields),
  showAgain: askCode,
  submit: (c, { credential, challenge, ...link }) =>
    finish(c, link, { method: "passkey", answer: { credential, challenge } }),
});

type Link = z.output<typeof linkForm>;

async function finish(c: AppContext, link: Link, choice: SetupChoice): Promise<Response> {
  const done = await useSetupLink(c.var.deps, link.code, link.email, choice, loginCookies(c));
  if ("problem" in done) return showSetup(c, link, done);
  keepSignedIn(c, done);
  return goTo(c, "/account/security", "set_up");
}

async function showSetup(c: AppContext, link: Link, refused: SetupProblem | null): Promise<Response> {
  const { isIssuerUnconfirmed } = c.var.deps.config;
  if (!isIssuerUnconfirmed) return showCredentials(c, link, refused);
  return c.html(<AddressPage shell={await formShellOf(c)} code={link.code} />);
}

async function showCredentials(c: AppContext, { code, email }: Link, refused: SetupProblem | null): Promise<Response> {
  const { deps, form } = c.var;
  const link = await openSetupLink(deps, code, email);
  if (!link) return askCode(c, { problem: LINK_IS_OVER, field: "code", typed: form });
  const said = refused ?? (email !== "" && link.email === null ? NO_EMAIL : null);
  return c.html(<SetupPage {...{ shell: await formShellOf(c), code, link, refused: said }} />, said ? 400 : 200);
}

const NO_EMAIL: SetupProblem = { problem: "Enter a valid email address.", field: "email" };

const LINK_IS_OVER =
  "This link no longer works. Each link works once and for a limited time. Ask the person who sent it for a new one.";

async function askCode(c: AppContext, refused: RefusedForm | null): Promise<Response> {
  return c.html(<SetupCodePage shell={await formShellOf(c)} refused={refused} />, refused ? 400 : 200);
}

import { createInitialAccessToken, endInitialAccessToken } from "../../flows/admin/initial-access-tokens.ts";
import { listInitialAccessTokens } from "../../flows/admin/list-initial-access-tokens.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { RegistrationPage } from "../pages/admin/registration.tsx";
import { goTo, orRefuse } from "../redirect.ts";

/** `GET /admin/registration`. */
export const getRegistrationPolicy = (c: AppContext): Promise<Response> => showRegistration(c, {});

/** `POST /admin/registration`: makes an initial access token; the answer shows it. */
export async function postInitialAccessToken(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const input = {
    label: form.get("label")?.trim().slice(0, 100).toWellFormed() || "Unnamed",
    resource: form.get("resource")?.trim() || null,
    uses: readCount(form.get("uses")),
    days: readCount(form.get("days")),
  };
  const made = await createInitialAccessToken(ownerDepsOf(deps, session, { fresh: true }), input);
  return "problem" in made ? showRegistration(c, made) : showRegistration(c, { made: made.token });
}

/** `POST /admin/registration/revoke`. */
export async function postRevokeInitialAccessToken(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  orRefuse(await endInitialAccessToken(ownerDepsOf(deps, session), form.get("token") ?? ""));
  return goTo(c, "/admin/registration", "ended");
}

/** A whole number above 0; anything else is no limit that one could mean, so it is the strictest. */
const readCount = (text: string | null): number | null =>
  text === null || text.trim() === "" ? null : /^[1-9]\d{0,4}$/.test(text.trim()) ? Number(text) : 1;

async function showRegistration(
  c: AppContext,
  { made = null, problem = null }: { readonly made?: string | null; readonly problem?: string | null },
): Promise<Response> {
  const { deps, session } = c.var;
  const tokens = await listInitialAccessTokens(ownerDepsOf(deps, session));
  const { registrationPolicy: policy } = deps.config;
  const frame = await panelFrameOf(c);
  return c.html(
    <RegistrationPage {...{ frame, now: deps.now(), policy, tokens, made, problem }} />,
    problem ? 400 : 200,
  );
}

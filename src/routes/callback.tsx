import { addIdentity } from "../flows/account/identities.ts";
import { linkAccount } from "../flows/linked/link-account.ts";
import { actAs, findSession } from "../flows/login/session.ts";
import { type ClaimedAnswer, claimAnswer } from "../flows/provider/callback.ts";
import { parseForm } from "../lib/form.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie } from "./cookies.ts";
import { idOf } from "./fields.ts";
import { finishProviderLogin } from "./login.tsx";
import { rawQuery } from "./middleware/query.ts";
import { OtherAccountPage, RefusedThere } from "./pages/connect-link.tsx";
import { goTo } from "./redirect.ts";
import { formShellOf } from "./shell.ts";

/** `GET /callback/:id`: back from a provider, at an address of its own (RFC 9700 §4.4). */
export async function getCallback(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const query = parseForm(rawQuery(c));
  const browser = readCookie(c, "session") ?? readCookie(c, "nonce");
  if (!query || browser === null) {
    throw new OAuthError("invalid_request", "This answer was meant for another browser. Start again.", {
      reason: "state_void",
    });
  }
  const claimed = await claimAnswer(deps, idOf(c), new URLSearchParams(query), browser);
  if (claimed.claimed.purpose === "sign_in") return finishProviderLogin(c, claimed);
  return finishSignedIn(c, claimed);
}

async function finishSignedIn(c: AppContext, claimed: ClaimedAnswer): Promise<Response> {
  const sessionToken = readCookie(c, "session");
  const session = await findSession(c.var.deps, sessionToken);
  if (!session || sessionToken === null) {
    throw new OAuthError("access_denied", "You were signed out meanwhile. Start again.", { status: 403 });
  }
  const deps = actAs(c.var.deps, session, { role: "member" });
  if (claimed.claimed.purpose === "identity") {
    return goTo(c, "/account/security", (await addIdentity(deps, claimed)) ? "identity_added" : undefined);
  }
  const outcome = await linkAccount(deps, session, sessionToken, claimed);
  switch (outcome.kind) {
    case "redirect":
      return c.redirect(outcome.location, 303);
    case "refused":
      return c.html(<RefusedThere shell={await formShellOf(c)} {...outcome} />, 400);
    case "other_account":
      return c.html(<OtherAccountPage shell={await formShellOf(c)} {...outcome} />, 409);
  }
}

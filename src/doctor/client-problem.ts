import { describeAnswer, textOf } from "./answer.ts";
import type { Evidence } from "./evidence.ts";
import { REDIRECT_URI } from "./walk-registration.ts";

/** Why the walk had no client to act for, and what the person can do. Null if it had one. */
export function explainClient({ server, registration, authorize, token }: Evidence): string | null {
  if (!server.found) return null;
  if (authorize.origin === "given") {
    const answer = token.probes.get("wrong code");
    return textOf(answer?.json ?? null, "error") === "invalid_client"
      ? "The token endpoint doesn't take the client of --client-id. Compare its id, and put its secret, if it has one, into DOCTOR_CLIENT_SECRET."
      : null;
  }
  if (authorize.origin === "registered") return null;
  return `${sayNotRegistered(server, registration)}, so the walk had no client of its own, and an account can't be used. Register one by hand with the redirect URI ${REDIRECT_URI}, and add --client-id.`;
}

function sayNotRegistered({ found }: Evidence["server"], { own }: Evidence["registration"]): string {
  if (!textOf(found?.json ?? null, "registration_endpoint")) return "The server registers no apps";
  if (!own) return "Nothing was registered";
  return `The registration is answered ${own.answer.trouble ?? describeAnswer(own.answer)}`;
}

import { MACHINE_RULES } from "../../oauth/gate-refusal.ts";
import { parseScope } from "../../oauth/scope.ts";
import { insertMachineToken, type MachineRequest } from "../../store/machine-tokens.ts";
import { createGrant } from "./grant.ts";

/** Gives a client that the owner registered an access token in its own name (OAuth 2.1 §4.2), and no refresh token. */
export const grantClientCredentials = createGrant<Pick<MachineRequest, "scopes">>({
  presents: null,
  read: async (_, { values }) => ({ scopes: parseScope(values.get("scope")) }),
  gate: (deps, request, tokens) =>
    insertMachineToken(deps.db, request, tokens, deps.config.lifetimes.accessSeconds, deps.actor),
  rules: MACHINE_RULES,
});

import { DEVICE_RULES } from "../../oauth/gate-refusal.ts";
import { DEVICE_CODE_GRANT } from "../../oauth/grant-type.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { consumeDeviceCode, type DevicePoll } from "../../store/device-redemptions.ts";
import { describeCaller } from "./caller.ts";
import { createGrant } from "./grant.ts";

/** Answers a device that asks whether its person has decided (RFC 8628 §3.4), with tokens or with the order to wait. */
export const pollDeviceCode = createGrant<Pick<DevicePoll, "caller">>({
  presents: { parameter: "device_code", kind: TOKEN_KIND.deviceCode, known: "codeFound" },
  read: async (deps) => ({ caller: await describeCaller(deps) }),
  gate: (deps, request, tokens) =>
    consumeDeviceCode(deps.db, request, tokens, deps.config.lifetimes, DEVICE_CODE_GRANT, deps.actor),
  rules: DEVICE_RULES,
  replay: "code_replayed",
});

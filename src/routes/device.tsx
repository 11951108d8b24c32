import { type DeviceView, type HeldDevice, lookUpDeviceCode } from "../flows/device/look-up.ts";
import { recordDeviceDecision } from "../flows/device/record-decision.ts";
import { requestDeviceAuthorization } from "../flows/device/request.ts";
import { sealReturnTo } from "../flows/login/return-to.ts";
import * as z from "../lib/schema.ts";
import type { AppContext } from "./app-env.ts";
import { authenticationOf } from "./client-authentication.ts";
import { decisionForm, toDecision } from "./consent.tsx";
import { sessionTokenOf } from "./cookies.ts";
import { formRoute, type RefusedForm, readQuery } from "./fields.ts";
import { DeviceCodePage, DeviceConsentPage, DeviceDonePage } from "./pages/device.tsx";
import { HeldAppPage } from "./pages/held-app.tsx";
import { formShellOf, shellOf } from "./shell.ts";

/** `POST /device_authorization` (RFC 8628 §3.1). */
export async function postDeviceAuthorization(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  const client = authenticationOf(c, "device_authorization");
  return c.json(await requestDeviceAuthorization(deps, client, params));
}

const codeForm = z.object({
  user_code: z.pipe(
    z._default(z.string(), ""),
    z.transform((typed) => typed.slice(0, 30)),
  ),
});

/** `GET /device`: the page to which a device sends its person. */
export const getDevice = (c: AppContext): Promise<Response> => askCode(c, readQuery(c, codeForm).user_code, null);

/** `POST /device`: the person has typed a code. */
export const postDevice = formRoute({
  fields: codeForm,
  showAgain: (c, refused) => askCode(c, "", refused),
  submit: async (c, { user_code }) => {
    const view = await findView(c, user_code);
    return view ? showConsent(c, view, null) : UNKNOWN_CODE;
  },
});

/** `POST /device/decide`. */
export const postDeviceDecision = formRoute({
  fields: decisionForm,
  showAgain: askAgain,
  submit: async (c, fields) => {
    const outcome = await recordDeviceDecision(c.var.deps, c.var.session, sessionTokenOf(c), toDecision(fields));
    return "problem" in outcome ? outcome : c.html(<DeviceDonePage shell={shellOf(c)} outcome={outcome} />);
  },
});

const UNKNOWN_CODE = {
  problem: "That code isn’t known, or it has expired. Check the code on your device.",
  field: "user_code",
};

/** The page carries the code that it asks about, so that it can be shown again after a mistake. */
async function askAgain(c: AppContext, refused: RefusedForm): Promise<Response> {
  const view = await findView(c, String(refused.typed.get("user_code")));
  return view ? showConsent(c, view, refused) : askCode(c, "", { ...UNKNOWN_CODE, typed: refused.typed });
}

const findView = (c: AppContext, userCode: string): Promise<DeviceView | HeldDevice | null> =>
  lookUpDeviceCode(c.var.deps, c.var.session, sessionTokenOf(c), userCode);

async function showConsent(
  c: AppContext,
  view: DeviceView | HeldDevice,
  refused: RefusedForm | null,
): Promise<Response> {
  const { deps, session } = c.var;
  const [shell, returnTo] = await Promise.all([formShellOf(c), wayBack(c, view.userCode)]);
  if ("reference" in view) return c.html(<HeldAppPage {...{ shell, view, email: session.email, returnTo }} />, 202);
  const page = { shell, view, email: session.email, returnTo, now: deps.now(), refused };
  return c.html(<DeviceConsentPage {...page} />, refused ? 400 : 200);
}

async function askCode(c: AppContext, userCode: string, refused: RefusedForm | null): Promise<Response> {
  const [shell, returnTo] = await Promise.all([formShellOf(c), wayBack(c, userCode)]);
  const { email } = c.var.session;
  return c.html(<DeviceCodePage {...{ shell, email, returnTo, userCode, refused }} />, refused ? 400 : 200);
}

/** The sealed way back to this code, so that somebody else can sign in. */
const wayBack = (c: AppContext, userCode: string): Promise<string> =>
  sealReturnTo(c.var.deps, {
    path: "/device",
    query: [["user_code", userCode]],
    requestedAt: c.var.deps.now(),
  });

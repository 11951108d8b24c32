import { decideDevice } from "../flows/device/decide.ts";
import { requestDeviceAuthorization } from "../flows/device/request.ts";
import { viewDeviceCode } from "../flows/device/view.ts";
import { sealContinuation } from "../flows/login/continuation.ts";
import { readClientAuthentication } from "../oauth/client-authentication.ts";
import type { AppContext } from "./app-env.ts";
import { readDecision } from "./consent.ts";
import { readCookie } from "./cookies.ts";
import { frameOf } from "./frame.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { DeviceCodePage, DeviceConsentPage, DeviceDonePage } from "./pages/device.tsx";

/** `POST /device_authorization` (RFC 8628 §3.1). */
export async function postDeviceAuthorization(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  const client = readClientAuthentication(c.req.header("Authorization") ?? null, params);
  return c.json(await requestDeviceAuthorization(deps, client, params));
}

/** `GET /device`: the page that a device sends its person to. */
export const getDevice = (c: AppContext): Promise<Response> => askCode(c, c.req.query("user_code") ?? "", false);

/** `POST /device`: a code. */
export async function postDevice(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const userCode = form.get("user_code") ?? "";
  const view = await viewDeviceCode(deps, session, readCookie(c, "session") ?? "", userCode);
  if (!view) return askCode(c, userCode, true);
  const csrf = await issueCsrfToken(c);
  return c.html(<DeviceConsentPage frame={frameOf(deps.config)} csrf={csrf} view={view} email={session.email} />);
}

/** `POST /device/decide`. */
export async function postDeviceDecision(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const decision = await decideDevice(deps, session, readCookie(c, "session") ?? "", readDecision(form));
  return c.html(<DeviceDonePage frame={frameOf(deps.config)} decision={decision} />);
}

async function askCode(c: AppContext, typed: string, failed: boolean): Promise<Response> {
  const { deps, session } = c.var;
  const userCode = typed.slice(0, 30);
  const here = { path: "/device", query: [["user_code", userCode]], requestedAt: deps.now() } as const;
  const returnTo = await sealContinuation(deps, here);
  const csrf = await issueCsrfToken(c);
  const { email } = session;
  return c.html(
    <DeviceCodePage {...{ frame: frameOf(deps.config), csrf, email, returnTo, userCode, failed }} />,
    failed ? 400 : 200,
  );
}

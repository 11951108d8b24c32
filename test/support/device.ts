import type { HeadlessBrowser, Page } from "../../src/dev/headless-browser.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { postForm, type TestClient } from "./oauth-client.ts";

export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** What a client without a browser registers. */
export const DEVICE_METADATA = {
  client_name: "Television",
  grant_types: [DEVICE_GRANT, "refresh_token"],
  redirect_uris: [],
};

/** The answer to a device (RFC 8628 §3.2). */
export type DeviceAuthorization = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
};

export const requestDevice = ({ issuer }: Gatehouse, client: TestClient, fields: Record<string, string> = {}) =>
  postForm(`${issuer}/device_authorization`, { client_id: client.client_id, ...fields });

export const beginDevice = async (
  gatehouse: Gatehouse,
  client: TestClient,
  fields: Record<string, string> = {},
): Promise<DeviceAuthorization> =>
  (await (await requestDevice(gatehouse, client, fields)).json()) as DeviceAuthorization;

export const pollDevice = (
  { issuer }: Gatehouse,
  client: TestClient,
  { device_code }: Pick<DeviceAuthorization, "device_code">,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
) =>
  postForm(
    `${issuer}/token`,
    { grant_type: DEVICE_GRANT, device_code, client_id: client.client_id, ...fields },
    headers,
  );

/** Types the code that a device shows. Returns the next page. */
export const viewDevice = async (
  { issuer }: Gatehouse,
  browser: HeadlessBrowser,
  { user_code }: Pick<DeviceAuthorization, "user_code">,
): Promise<Page> => browser.submit(await browser.open(`${issuer}/device`), "/device", { user_code });

/** Answers the page that asks. By default it allows everything. */
export const decideDevice = (
  browser: HeadlessBrowser,
  page: Page,
  fields: Record<string, string | string[]> = { decision: "allow" },
): Promise<Page> => browser.submit(page, "/device/decide", fields);

/** The steps of one device's client and one person's browser, either of which a test may replace. */
export const deviceSteps = (gatehouse: Gatehouse, browser: HeadlessBrowser, client: TestClient) => {
  type Shown = Pick<DeviceAuthorization, "user_code">;
  const view = (of: Shown, by = browser) => viewDevice(gatehouse, by, of);
  return {
    request: (of = client, fields: Record<string, string> = {}) => requestDevice(gatehouse, of, fields),
    begin: (of = client, fields: Record<string, string> = {}) => beginDevice(gatehouse, of, fields),
    poll: (of: Pick<DeviceAuthorization, "device_code">, by = client, fields: Record<string, string> = {}) =>
      pollDevice(gatehouse, by, of, fields),
    view,
    decide: async (of: Shown, fields?: Record<string, string | string[]>, by = browser) =>
      decideDevice(by, await view(of, by), fields),
  };
};

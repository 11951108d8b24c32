import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/dev/faults.ts";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import {
  beginDevice,
  DEVICE_METADATA,
  decideDevice,
  pollDevice,
  requestDevice,
  viewDevice,
} from "../support/device.ts";
import {
  authorizationRequest,
  basic,
  createMachine,
  errorOf,
  grantCode,
  grantTokens,
  introspect,
  isActive,
  postForm,
  postJson,
  REDIRECT_URI,
  redeem,
  refresh,
  registerClient,
  revoke,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene({
  vars: {
    LIMITS: "on",
    LIMIT_LOGIN: "1000",
    LIMIT_TOKEN: "1000",
    LIMIT_TOKEN_ADDRESS: "1000",
    LIMIT_REGISTER: "1000",
    LIMIT_OTHER: "1000",
  },
});
const { neon, upstash } = gatehouse.services;

async function under<T>(fault: () => void, work: () => Promise<T>): Promise<T> {
  fault();
  try {
    return await work();
  } finally {
    neon.reset();
    upstash.reset();
  }
}

/** A 503 as OAuth JSON, on which no client throws its tokens away. */
async function expectOutage(response: Response): Promise<void> {
  expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(await errorOf(response)).toBe("503 temporarily_unavailable");
}

describe.each<Fault>(["refuse", "error_500"])("Outages: the database fails by %s", (fault) => {
  test("Outages: reads are tried once more", async () => {
    const { url } = await authorizationRequest(gatehouse, client);
    const health = () =>
      under(
        () => neon.inject(fault, { times: 1 }),
        () => fetch(`${issuer}/health`),
      );
    expect((await health()).status).toBe(200);
    const page = await under(
      () => neon.inject(fault),
      () => browser.open(url),
    );
    expect(page.status).toBe(503);
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
    const retry = page.html.querySelector("a.button");
    expect(retry?.textContent.trim()).toBe("Try again");
    expect((await browser.open(retry?.getAttribute("href") ?? "")).html.querySelector("h1")?.textContent).toContain(
      "Allow",
    );
  });

  test("Outages: JSON endpoints answer 503 temporarily_unavailable and never invalid_grant, and nothing is lost", async () => {
    const grant = await grantCode(gatehouse, browser, client);
    await expectOutage(
      await under(
        () => neon.inject(fault),
        () => redeem(gatehouse, client, grant),
      ),
    );
    const tokens = (await (await redeem(gatehouse, client, grant)).json()) as Tokens;
    await expectOutage(
      await under(
        () => neon.inject(fault),
        () => refresh(gatehouse, client, tokens.refresh_token),
      ),
    );
    await expectOutage(
      await under(
        () => neon.inject(fault),
        () => introspect(gatehouse, tokens.access_token),
      ),
    );
    await expectOutage(
      await under(
        () => neon.inject(fault),
        () => revoke(gatehouse, client, tokens.refresh_token),
      ),
    );
    const metadata = { redirect_uris: [REDIRECT_URI] };
    await expectOutage(
      await under(
        () => neon.inject(fault),
        () => postJson(`${issuer}/register`, metadata),
      ),
    );
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("Outages: a device and a machine are told to try again, and lose nothing", async () => {
    const device = await registerClient(gatehouse, DEVICE_METADATA);
    const authorization = await beginDevice(gatehouse, device);
    await decideDevice(browser, await viewDevice(gatehouse, browser, authorization));
    const { id, secret } = await createMachine(gatehouse);
    const headers = basic(id, secret);
    const work = () => postForm(`${issuer}/token`, { grant_type: "client_credentials" }, headers);
    for (const send of [
      () => requestDevice(gatehouse, device),
      () => pollDevice(gatehouse, device, authorization),
      work,
    ])
      await expectOutage(await under(() => neon.inject(fault), send));
    expect((await pollDevice(gatehouse, device, authorization)).status).toBe(200);
    expect((await work()).status).toBe(200);
  });
});

describe("Outages: the database hangs", () => {
  test("Outages: a gate that hangs is given up and looked up, within the 10 s that clients wait", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const started = Date.now();
    await expectOutage(
      await under(
        () => neon.inject("hang"),
        () => refresh(gatehouse, client, tokens.refresh_token),
      ),
    );
    expect(Date.now() - started).toBeLessThan(9500);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("Outages: a cold start of 3 s is waited for", async () => {
    const grant = await grantCode(gatehouse, browser, client);
    const response = await under(
      () => neon.setLatency(3000),
      () => redeem(gatehouse, client, grant),
    );
    expect(response.status).toBe(200);
  });
});

describe("Gates: the answer of the database is lost after the commit", () => {
  const losing = <T>(matching: string, work: () => Promise<T>) =>
    under(() => neon.inject("lose_answer", { times: 1, matching }), work);

  test("Gates: a redeemed code still gives its tokens", async () => {
    const grant = await grantCode(gatehouse, browser, client);
    const response = await losing("redeem_code", () => redeem(gatehouse, client, grant));
    expect(response.status).toBe(200);
    const tokens = (await response.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("Gates: a rotated refresh token still gives its successors", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const response = await losing("rotate_refresh_token", () => refresh(gatehouse, client, tokens.refresh_token));
    expect(response.status).toBe(200);
    const next = (await response.json()) as Tokens;
    expect(await isActive(gatehouse, next.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, next.refresh_token)).status).toBe(200);
  });

  test("Gates: if the look-up fails too, the client gets 503, and later the same pair", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const lost = await under(
      () => {
        neon.inject("lose_answer", { times: 1, matching: "rotate_refresh_token" });
        neon.inject("refuse", { matching: "from access_tokens t join" });
      },
      () => refresh(gatehouse, client, tokens.refresh_token),
    );
    await expectOutage(lost);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("Gates: a consent can be submitted again", async () => {
    const { url, verifier } = await authorizationRequest(gatehouse, client);
    const page = await browser.open(url);
    const first = await losing("issue_code", () => browser.submit(page, "/consent", { decision: "allow" }));
    expect(first.status).toBe(503);
    const second = await browser.submit(page, "/consent", { decision: "allow" });
    const grant = { code: second.left?.searchParams.get("code") ?? "", verifier, redirectUri: REDIRECT_URI };
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
  });
});

describe.each<Fault>(["refuse", "hang", "error_500"])("Outages: Redis fails by %s", (fault) => {
  test("Outages: limits let requests through after a short time, and sign-in and refresh work", async () => {
    const started = Date.now();
    const response = await under(
      () => upstash.inject(fault),
      async () => {
        const tokens = await grantTokens(gatehouse, browser, client);
        return refresh(gatehouse, client, tokens.refresh_token);
      },
    );
    expect(response.status).toBe(200);
    expect(Date.now() - started).toBeLessThan(8000);
  });

  test("Outages: passwords are refused", async () => {
    const stranger = createHeadlessBrowser();
    const page = await under(
      () => upstash.inject(fault),
      async () => stranger.submit(await stranger.open(`${issuer}/login`), "/login", person),
    );
    expect(page.status).toBe(503);
    expect(page.headers.get("Retry-After")).toMatch(/^\d+$/);
    // A form isn't sent again.
    expect(page.html.querySelector("a.button")?.textContent.trim()).toBe("Your connected apps");
    expect(stranger.cookies.has("gatehouse_session")).toBe(false);
  });
});

test("Outages: a slow Redis delays each request by at most its time-out", async () => {
  const tokens = await grantTokens(gatehouse, browser, client);
  const started = Date.now();
  const response = await under(
    () => upstash.setLatency(5000),
    () => refresh(gatehouse, client, tokens.refresh_token),
  );
  expect(response.status).toBe(200);
  expect(Date.now() - started).toBeLessThan(3000);
});

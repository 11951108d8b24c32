import { createServer, type Server } from "node:http";
import { afterAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { launchChromium, openPage as openPageIn } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { authorizationRequest, redeem, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const person = await gatehouse.addPerson();
const browser = await launchChromium();
const servers: Server[] = [];
afterAll(async () => {
  await browser.close();
  for (const server of servers) server.close();
});

/** Somebody else's site: a page, or an answer of its own. */
async function startSite(host: string, answer: (url: string) => { location: string } | string): Promise<string> {
  const port = await findFreePort();
  const server = createServer((request, response) => {
    const result = answer(request.url ?? "/");
    if (typeof result === "string") return response.setHeader("Content-Type", "text/html").end(result);
    return response.writeHead(302, { Location: result.location }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return `http://${host}:${port}`;
}

const openPage = () => openPageIn(browser);

async function signIn(page: Awaited<ReturnType<typeof openPage>>["page"]): Promise<void> {
  await page.getByLabel("Email address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in with a password" }).click();
}

describe("the authorization of a client in a browser", () => {
  test("A7 a person signs in, unticks a permission, and is redirected to a program on this machine", async () => {
    const site = await startSite("127.0.0.1", () => "<h1>You can close this page</h1>");
    const client = await registerClient(gatehouse, { redirect_uris: ["http://127.0.0.1/callback"] });
    const redirect_uri = `${site}/callback`;
    const { url, verifier } = await authorizationRequest(gatehouse, client, { redirect_uri });
    const { page, complaints } = await openPage();
    await page.goto(url.href);
    await signIn(page);
    expect(await page.getByRole("heading").first().textContent()).toContain("Test client");
    await page.getByLabel("Read its resources").uncheck();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("You can close this page").waitFor();
    const answer = new URL(page.url());
    expect(answer.searchParams.get("iss")).toBe(issuer);
    const code = answer.searchParams.get("code") ?? "";
    const tokens = await redeem(gatehouse, client, { code, verifier, redirectUri: redirect_uri });
    expect(await tokens.json()).toMatchObject({ scope: "mcp:tools mcp:prompts" });
    expect(complaints).toEqual([]);
  });

  test("A7 no policy keeps a client from sending the browser on to an app's own scheme", async () => {
    const site = await startSite("127.0.0.1", (url) =>
      url.startsWith("/callback") ? { location: "com.example.app:/done" } : "",
    );
    const client = await registerClient(gatehouse, { redirect_uris: [`${site}/callback`] });
    const { page, complaints } = await openPage();
    await page.goto((await authorizationRequest(gatehouse, client)).url.href);
    await signIn(page);
    const left = page.waitForRequest((request) => request.url().startsWith(`${site}/callback`));
    await page.getByRole("button", { name: "Allow" }).click();
    await left;
    await page.waitForTimeout(300);
    expect(complaints.filter((text) => text.includes("Content Security Policy"))).toEqual([]);
  });

  test("A7 every page is styled, and the browser reports no violation", async () => {
    const { page, complaints } = await openPage();
    for (const path of ["/", "/login"]) {
      await page.goto(issuer + path);
      const style = (property: string) =>
        page.evaluate<string>(`getComputedStyle(document.querySelector("main")).${property}`);
      const [width, family] = [await style("maxWidth"), await style("fontFamily")];
      expect(width).not.toBe("none");
      expect(family).toContain("system-ui");
    }
    expect(complaints).toEqual([]);
  });

  test("A7 scripts can't read the cookies", async () => {
    const { page } = await openPage();
    await page.goto(`${issuer}/login`);
    await signIn(page);
    expect(await page.evaluate("document.cookie")).toBe("");
    expect((await page.context().cookies()).map(({ name }) => name).sort()).toEqual([
      "gatehouse_browser",
      "gatehouse_session",
    ]);
  });
});

describe("what another site can't do", () => {
  test("A7 another site can't frame any of our pages", async () => {
    const site = await startSite("127.0.0.1", () => `<iframe src="${issuer}/login"></iframe>`);
    const { page, complaints } = await openPage();
    await page.goto(site);
    await page.waitForTimeout(300);
    expect(page.frames().some((shell) => shell.url().startsWith(`${issuer}/login`))).toBe(false);
    expect(complaints.join()).toMatch(/frame/i);
  });

  test("A8 a form on another site is refused, even with this browser's cookies", async () => {
    const site = await startSite(
      "127.0.0.2",
      () => `<form method="post" action="${issuer}/logout"><button>Go</button></form>`,
    );
    const { page } = await openPage();
    await page.goto(`${issuer}/login`);
    await signIn(page);
    await page.goto(site);
    const [response] = await Promise.all([page.waitForNavigation(), page.getByRole("button").click()]);
    expect(response?.status()).toBe(403);
    await page.goto((await authorizationRequest(gatehouse, await registerClient(gatehouse))).url.href);
    expect(new URL(page.url()).pathname).toBe("/authorize");
  });

  /**
   * What script on a page of this origin gets from a request: its status and two headers, or that the browser refused.
   */
  async function askFrom(origin: string, path: string, init: RequestInit) {
    const { page } = await openPage();
    await page.goto(origin);
    return page.evaluate(
      async ([url, options]) => {
        try {
          const response = await fetch(url as string, options as RequestInit);
          return { status: response.status, challenge: response.headers.get("WWW-Authenticate") };
        } catch {
          return "blocked";
        }
      },
      [issuer + path, init] as const,
    );
  }
  const register = {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json", "MCP-Protocol-Version": "2026-07-28" },
  };
  const token = {
    method: "POST",
    body: "grant_type=refresh_token&client_id=client_x&client_secret=x&refresh_token=x",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  };

  test("M4 the Inspector on this machine can discover, register and redeem, and can read the challenge", async () => {
    const inspector = await startSite("127.0.0.1", () => "<h1>Inspector</h1>");
    expect(
      await askFrom(inspector, "/.well-known/oauth-authorization-server", { headers: { "MCP-Protocol-Version": "x" } }),
    ).toMatchObject({ status: 200 });
    expect(await askFrom(inspector, "/register", register)).toMatchObject({ status: 400 });
    expect(await askFrom(inspector, "/token", token)).toEqual({ status: 401, challenge: 'Basic realm="gatehouse"' });
    expect(await askFrom(inspector, "/login", {})).toBe("blocked");
  });

  test("M4 scripts of any other origin can do none of that", async () => {
    const other = await startSite("127.0.0.2", () => "<h1>Other</h1>");
    for (const [path, init] of [
      ["/.well-known/oauth-authorization-server", {}],
      ["/register", register],
      ["/token", token],
      ["/authorize", {}],
    ] as const) {
      expect(await askFrom(other, path, init)).toBe("blocked");
    }
  });
});

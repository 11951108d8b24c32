import { expect, test } from "vitest";
import { type Gatehouse, startGatehouse } from "../support/gatehouse.ts";
import { postForm } from "../support/oauth-client.ts";

const ISSUER = "https://auth.example.com";
const UPSTASH = "https://upstash.example";
const gatehouse: Gatehouse = await startGatehouse({
  production: true,
  vars: {
    ENVIRONMENT: "production",
    ISSUER,
    LIMITS: "on",
    CORS_ORIGINS: "https://app.example",
    UPSTASH_REDIS_REST_URL: UPSTASH,
  },
  // Production calls Upstash over https, but here it is the stand-in.
  outbound: async (request) => fetch(request.url.replace(UPSTASH, gatehouse.services.redisUrl), await copyOf(request)),
});

async function copyOf(request: Request): Promise<RequestInit> {
  return { method: request.method, headers: [...request.headers], body: await request.arrayBuffer() };
}
const person = await gatehouse.addPerson();

test("P4 A7 in production, cookies are bound to the host over https, and browsers are told to keep using https", async () => {
  const page = await fetch(`${gatehouse.issuer}/login`);
  expect(page.headers.get("Strict-Transport-Security")).toBe("max-age=63072000");
  const [nonce = ""] = page.headers.getSetCookie();
  expect(nonce).toMatch(/^__Host-gatehouse_nonce=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const html = await page.text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const answer = await postForm(
    `${gatehouse.issuer}/login`,
    { ...person, csrf },
    { Cookie: nonce.split(";")[0] ?? "", Origin: ISSUER },
  );
  expect([answer.status, answer.headers.get("Location")]).toEqual([303, `${ISSUER}/account`]);
  for (const cookie of answer.headers.getSetCookie())
    expect(cookie).toMatch(/^__Host-gatehouse_\w+=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test("M4 in production, localhost is not an allowed origin unless it is configured", async () => {
  const from = (Origin: string) =>
    fetch(`${gatehouse.issuer}/.well-known/oauth-authorization-server`, { headers: { Origin } });
  const allowed = async (origin: string) => (await from(origin)).headers.get("Access-Control-Allow-Origin");
  expect(await allowed("https://app.example")).toBe("https://app.example");
  expect(await allowed("http://localhost:6274")).toBeNull();
  expect(await allowed("null")).toBeNull();
});

import { describe, expect, test, vi } from "vitest";
import { readRefusals } from "../../src/flows/admin/refusals.ts";
import { operatorOf } from "../support/cli.ts";
import { beginDevice, DEVICE_METADATA, pollDevice } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { authorizationRequest, grantCode, postForm, redeem, registerClient } from "../support/oauth-client.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser: office } = await ownerScene();
const person = await gatehouse.addPerson();
const browser = await gatehouse.signedInBrowser(person);
const app = await registerClient(gatehouse, { client_name: "Code editor" });

/** What the owner's page says about one request, once it is recorded. Empty if it isn't. */
async function lookUp(reference: string): Promise<string> {
  const page = await office.open(`${issuer}/admin/refusals?${new URLSearchParams({ reference })}`);
  return page.html.querySelector("main .section")?.textContent ?? "";
}
/** What `lookUp` finds once it is recorded, about a second after the answer. The tests wait for theirs at the same time. */
const waitFor = (reference: string) => vi.waitUntil(() => lookUp(reference), { timeout: 10_000, interval: 100 });

const answerOf = async (response: Response) =>
  (await response.json()) as { error: string; error_description: string; request_id: string };

describe.concurrent("P8 the reference of a refusal leads the owner to what it means and what to change", () => {
  test("P8 the reference on an error page leads to the app, the meaning and the remedy", async () => {
    const { url } = await authorizationRequest(gatehouse, app, { redirect_uri: "https://elsewhere.example/cb" });
    const page = await browser.open(url);
    const reference = page.html.querySelector("footer code")?.textContent ?? "";
    expect(await waitFor(reference)).toContain("requested a return address that it didn’t register");
    expect(await lookUp(reference)).toMatch(/Code editor.*remove the connection.*authorize invalid_request/s);
  });

  test("P8 the reference of an error that goes back to the app does so too", async () => {
    const { url } = await authorizationRequest(gatehouse, app, { resource: "https://nowhere.example/mcp" });
    const { left } = await browser.open(url);
    const description = left?.searchParams.get("error_description") ?? "";
    expect(await waitFor(/Reference: (\S{8})$/.exec(description)?.[1] ?? "none")).toContain(
      "access to a server that doesn’t exist here",
    );
  });

  test("P8 an error in JSON has the same id in its body, its header, the log and the owner's page", async () => {
    const grant = await grantCode(gatehouse, browser, app);
    const refused = await redeem(gatehouse, app, { ...grant, verifier: "v".repeat(43) });
    const { request_id } = await answerOf(refused);
    expect(request_id).toBe(refused.headers.get("X-Request-Id"));
    expect(gatehouse.logs.some(({ message }) => message.includes(`"requestId":"${request_id}"`))).toBe(true);
    expect(await waitFor(request_id)).toMatch(/Code editor.*doesn’t belong to the code.*\/token invalid_grant/s);
  });

  test("P8 a server with a wrong secret is named as a server", async () => {
    const wrong = { Authorization: `Basic ${btoa(`${gatehouse.resource.id}:wrong`)}` };
    const { request_id } = await answerOf(await postForm(`${issuer}/introspect`, { token: "any" }, wrong));
    expect(await waitFor(request_id)).toMatch(/server .*secret or key is wrong or missing/s);
  });

  test("P8 the command shows the same, and says so if there is nothing", async () => {
    const { request_id } = await answerOf(await postForm(`${issuer}/token`, { client_id: "gone" }));
    expect(await waitFor(request_id)).toContain("Unknown app");
    const run = async (...args: string[]) => (await operatorOf(gatehouse)("refusals", ...args)).stdout;
    expect(await run("--reference", request_id)).toMatch(/Unknown app \(gone\)\n.*Change: .*\/token invalid_request/s);
    expect(JSON.parse(await run("--reference", request_id, "--json")).apps).toHaveLength(1);
    expect(await run("--reference", "nothing!")).toBe("No refusals match in the last 3 days.\n");
  });
});

describe("P8 refusals that strangers cause", () => {
  test.concurrent("P8 a device's polls aren't recorded as refusals", async () => {
    const television = await registerClient(gatehouse, DEVICE_METADATA);
    const device = await beginDevice(gatehouse, television);
    const { error, request_id } = await answerOf(await pollDevice(gatehouse, television, device));
    expect(error).toBe("authorization_pending");
    const { request_id: next } = await answerOf(await postForm(`${issuer}/token`, { client_id: "after" }));
    expect(await waitFor(next)).toContain("after");
    expect(await lookUp(request_id)).toBe("");
  });

  test.concurrent.each([
    ["a token of ours", `gtha_${"x".repeat(43)}12345678`],
    ["an assertion", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4eHh4eHh4eCJ9.xxxxxxxx"],
  ])("P8 %s in the wrong parameter is stored nowhere, and markup is shown as text", async (_, token) => {
    const headers = { "User-Agent": `${token} <script>alert(1)</script>` };
    const { request_id } = await answerOf(await postForm(`${issuer}/token`, { client_id: token }, headers));
    expect(await waitFor(request_id)).toContain("<script>alert(1)</script>");
    expect(await lookUp(request_id)).toContain("Requests that named no app");
    expect(await lookUp(request_id)).not.toContain("xxxxxxxx");
    const page = await office.open(`${issuer}/admin/refusals`);
    expect(page.html.querySelectorAll("main script")).toEqual([]);
  });

  test("P8 many refusals at once are written by one request to the database", async () => {
    const { neon } = gatehouse.services;
    // Earlier refusals are recorded by then.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    neon.reset();
    neon.uncount(null);
    const ask = () => postForm(`${issuer}/token`, { client_id: "crowd", grant_type: "nothing" });
    await Promise.all(Array.from({ length: 40 }, ask));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(neon.requests()).toBe(1);
    const [crowd] = await readRefusals(operator, { days: 1, clientId: "crowd", requestId: null });
    expect(crowd?.refusals[0]).toMatchObject({ count: 40, requestIds: { length: 10 } });
  });

  test("P8 only an owner can read them", async () => {
    expect((await browser.open(`${issuer}/admin/refusals`)).status).toBe(403);
    const nobody = { ...operator, actor: { now: new Date(), address: null, authority: "nobody" } as const };
    expect(await readRefusals(nobody, { days: 14, clientId: null, requestId: null })).toEqual([]);
  });
});

test("P8 requests past a limit share one row a minute", async () => {
  const limited = await startGatehouse({ vars: { LIMITS: "on", LIMIT_TOKEN: "2", LIMIT_TOKEN_ADDRESS: "2" } });
  await limited.startMinute();
  for (let n = 0; n < 12; n++) await postForm(`${limited.issuer}/token`, { client_id: "eager", grant_type: "nothing" });
  const counts = async () => {
    const [app] = await readRefusals(limited.owner, { days: 1, clientId: "eager", requestId: null });
    return Object.fromEntries((app?.refusals ?? []).map(({ reason, count }) => [reason, count]));
  };
  await expect.poll(counts, { timeout: 10_000 }).toEqual({ grant_type: 2, rate_limited: 1 });
});

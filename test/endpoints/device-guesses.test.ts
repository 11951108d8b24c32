import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { type Person, signInOn } from "../../src/dev/person.ts";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { askAtOnce, expectAdmitted } from "../support/at-once.ts";
import { DEVICE_METADATA, deviceSteps } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { registerClient } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await ownScene();
const { owner } = gatehouse;
const client = await registerClient(gatehouse, DEVICE_METADATA);
const { begin, view } = deviceSteps(gatehouse, browser, client);

async function auditEvents(filter: { name: string; email: string }) {
  const listed = await readAuditEvents(owner, { clientId: null, days: null, before: null, limit: 10, ...filter });
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events;
}

describe("RFC 8628 §5.1 guessing user codes", () => {
  const guess = async (by: HeadlessBrowser, at: string, user_code = "BBBB-BBBB") =>
    (await by.submit(await by.open(`${at}/device`), "/device", { user_code })).status;

  test("P1 entries are counted by address and by person", async () => {
    const limited = await startGatehouse({
      vars: { LIMITS: "on", LIMIT_OTHER: "1000", LIMIT_LOGIN: "1000", LIMIT_USER_CODE: "4" },
    });
    await limited.startMinute();
    const at = limited.issuer;
    const signIn = async (of: Person, address: string) => {
      const by = createHeadlessBrowser({ "CF-Connecting-IP": address });
      await signInOn(by, await by.open(`${at}/login`), of);
      return by;
    };
    const [first, second] = [await limited.addPerson(), await limited.addPerson()];
    const here = await signIn(first, "10.1.0.1");
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push(await guess(here, at));
    expect(statuses).toEqual([400, 400, 400, 400, 429, 429]);
    // Neither another person at this address nor this person at another one starts from zero.
    expect(await guess(await signIn(second, "10.1.0.1"), at)).toBe(429);
    expect(await guess(await signIn(first, "10.1.0.2"), at)).toBe(429);
    expect(await guess(await signIn(second, "10.1.0.3"), at)).toBe(400);
  });

  test("a person may enter ten wrong codes an hour, even if many come at once, and reaching the limit is logged", async () => {
    let guesser = await gatehouse.addPerson();
    let by = await gatehouse.signedInBrowser(guesser);
    const answers = await askAtOnce(30, async () => {
      guesser = await gatehouse.addPerson();
      by = await gatehouse.signedInBrowser(guesser);
      return async () => ({ status: await guess(by, issuer) });
    });
    expectAdmitted(10, answers);
    const refused = await by.submit(await by.open(`${issuer}/device`), "/device", { user_code: "BBBB-BBBB" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeLessThanOrEqual(3600);
    // The right code is refused too, and isn't bound to the guesser.
    const authorization = await begin();
    expect(await guess(by, issuer, authorization.user_code)).toBe(429);
    expect((await view(authorization)).status).toBe(200);
    const query = { name: "user_code_guesses_exceeded", email: guesser.email };
    await expect.poll(() => auditEvents(query)).toMatchObject([{ userId: guesser.id }]);
    await gatehouse.moveClock(3601);
    expect(await guess(by, issuer)).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("right codes aren't counted, and don't make up for wrong ones", async () => {
    const by = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    for (let n = 0; n < 4; n++) {
      for (let times = 0; times < 2; times++) expect(await guess(by, issuer)).toBe(400);
      for (let times = 0; times < 3; times++) expect((await view(await begin(), by)).status).toBe(200);
    }
    expect([await guess(by, issuer), await guess(by, issuer), await guess(by, issuer)]).toEqual([400, 400, 429]);
  });

  test("a text that can't be a code isn't counted as a guess", async () => {
    const by = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    for (let n = 0; n < 12; n++) expect(await guess(by, issuer, "AEIOU")).toBe(400);
    expect((await view(await begin(), by)).status).toBe(200);
  });

  test("Outages: no code is looked up while guesses can't be counted", async () => {
    const authorization = await begin();
    const page = await browser.open(`${issuer}/device`);
    gatehouse.services.upstash.inject("refuse");
    const { user_code } = authorization;
    const refused = await browser.submit(page, "/device", { user_code });
    gatehouse.services.upstash.reset();
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "2"]);
    // It was not bound to anybody.
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await view(authorization, other)).status).toBe(200);
  });
});

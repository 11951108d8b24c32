import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { startWires } from "../../src/dev/local-services.ts";
import type { WorkerLog } from "../../src/dev/miniflare.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { projectFile, startWorkers } from "../../src/dev/workerd.ts";
import { createOperatorDeps } from "../../src/flows/admin/admin-deps.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { insertConfirmedIssuer } from "../../src/store/confirmed-issuer.ts";
import type { SetupLinkPurpose } from "../../src/store/setup-links.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";

const postgres = { ...inject("postgres"), stop: async () => {} };
const database = `issuer_${randomBytes(6).toString("hex")}`;
await createPostgresDatabase(postgres, database, "gatehouse_template");
const services = await startWires(postgres, database, "embedded");
const certificate = await findCertificate();
const upstash = await startHttps(certificate, () => services.redisUrl);
const port = await findFreePort();
const front = await startHttps(certificate, () => `http://127.0.0.1:${port}`);
const serverKey = randomBytes(32).toString("base64");
const logs: WorkerLog[] = [];

/** A deployment by the button: production, without ISSUER among its variables. */
const worker = await startWorkers(
  [
    {
      name: "gatehouse",
      configPath: projectFile("wrangler.toml"),
      port,
      bindings: {
        DATABASE_URL: services.databaseUrl,
        UPSTASH_REDIS_REST_URL: upstash.url,
        UPSTASH_REDIS_REST_TOKEN: services.redisToken,
        SERVER_KEY: serverKey,
        CORS_ORIGINS: "none",
      },
      outbound: async () => null,
    },
  ],
  (log) => logs.push(log),
);
afterAll(async () => {
  await worker.stop();
  await Promise.all([front.stop(), upstash.stop(), services.stop()]);
});

const operator = await createOperatorDeps(services.databaseUrl, serverKey);
const OWNER: SetupLinkPurpose = { kind: "invitation", role: "owner", email: null };

async function makeCode(purpose: SetupLinkPurpose): Promise<string> {
  const link = await createSetupLink(operator, front.url, purpose);
  if ("problem" in link) throw new Error(link.problem);
  return new URL(link.url).hash.slice(1);
}

/** A request whose Host an attacker chose, as a program can send it. */
async function send(host: string, path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const body = form ? new URLSearchParams(form).toString() : "";
  const answer = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    const kind = form ? { "Content-Type": "application/x-www-form-urlencoded" } : {};
    const options = { port, path, method: form ? "POST" : "GET", headers: { Host: host, ...kind, ...headers } };
    request(options, resolve).on("error", reject).end(body);
  });
  return { status: answer.statusCode, cookies: answer.headers["set-cookie"] ?? [], body: await text(answer) };
}

/** The same with the cookie and token of a form that the server itself gave under that Host. */
async function sendForm(host: string, path: string, form: Record<string, string>) {
  const page = await send(host, "/setup");
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  const cookie = page.cookies.map((line) => line.split(";")[0]).join("; ");
  return send(host, path, { ...form, csrf }, { Cookie: cookie });
}

const confirmed = async () =>
  (await operator.db.read<{ issuer: string }>(sql`select issuer from deployment`))[0]?.issuer;
const openLink = async (browser: HeadlessBrowser, code: string) =>
  browser.submit(await browser.open(`${front.url}/setup`), "/setup", { code });

test("Outages: the answer is 503 only as long as the database can't say which issuer was confirmed", async () => {
  services.neon.inject("refuse");
  const { status, body } = await send("evil.example", "/setup");
  expect([status, JSON.parse(body).error]).toEqual([503, "temporarily_unavailable"]);
  services.neon.reset();
  expect((await send("evil.example", "/health")).status).toBe(200);
});

test("P4 nothing is issued and nobody can sign in before the owner has confirmed an address, whatever the Host", async () => {
  for (const host of ["evil.example", new URL(front.url).host]) {
    for (const path of ["/.well-known/oauth-authorization-server", "/authorize", "/login", "/admin", "/account"]) {
      const answer = await send(host, path);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(answer.body).not.toContain("evil.example");
    }
    for (const path of ["/token", "/register", "/introspect", "/login", "/setup/password", "/setup/passkey"])
      expect([path, (await send(host, path, { code: await makeCode(OWNER) })).status]).toEqual([path, 503]);
  }
  expect((await send("evil.example", "/health")).status).toBe(200);
  expect(await confirmed()).toBeUndefined();
});

test("P4 A8 a stranger, a member's link, another site and another address can't confirm an issuer", async () => {
  const code = await makeCode(OWNER);
  const member = await makeCode({ kind: "invitation", role: "member", email: "guest@example.com" });
  const address = "https://evil.example";
  const attempts = [
    await sendForm("evil.example", "/setup/address", { code: "", address }),
    await sendForm("evil.example", "/setup/address", { code: `${code.slice(0, -8)}AAAAAAAA`, address }),
    await sendForm("evil.example", "/setup/address", { code: member, address }),
    // The owner is on the right page, but the form says otherwise.
    await sendForm(new URL(front.url).host, "/setup/address", { code, address }),
    // A page elsewhere sends it, without what our own page contains.
    await send(new URL(front.url).host, "/setup/address", { code, address: front.url }, { Origin: address }),
    // A proxy's headers don't decide the address.
    await send(new URL(front.url).host, "/setup/address", { code, address }, { "X-Forwarded-Host": "evil.example" }),
  ];
  expect(attempts.map(({ status }) => status)).toEqual([400, 400, 400, 400, 403, 403]);
  expect(await confirmed()).toBeUndefined();
});

test("P4 the owner confirms the address that the page shows, once, and no Host changes it afterwards", async () => {
  const [code, second] = [
    await makeCode(OWNER),
    await makeCode({ ...OWNER, email: "second@example.com" } as SetupLinkPurpose),
  ];
  const browser = createHeadlessBrowser();
  const asked = await openLink(browser, code);
  expect(asked.html.querySelector("main strong")?.textContent).toBe(front.url);
  expect(await confirmed()).toBeUndefined();
  const page = await browser.submit(asked, "/setup/address", {});
  expect(await confirmed()).toBe(front.url);
  const choose = await browser.submit(page, "/setup", { email: "ada@example.com" });
  const done = await browser.submit(choose, "/setup/password", { password: "Correct horse 1" });
  expect(done.url.pathname).toBe("/account/security");

  const again = await sendForm("evil.example", "/setup/address", { code: second, address: "https://evil.example" });
  expect([again.status, await confirmed()]).toEqual([400, front.url]);
  const metadata = await send("evil.example", "/.well-known/oauth-authorization-server");
  expect(JSON.parse(metadata.body)).toMatchObject({ issuer: front.url, token_endpoint: `${front.url}/token` });
  expect(logs.some(({ message }) => message.includes("issuer_confirmed"))).toBe(true);
});

test("Gates: if twenty owners confirm at once, one succeeds, and all of them are told the same address", async () => {
  await operator.db.run(sql`delete from deployment`);
  const emails = Array.from({ length: 20 }, (_, number) => `owner${number}@example.com`);
  const digests = await Promise.all(
    emails.map(async (email) => sha256(await makeCode({ kind: "invitation", role: "owner", email }))),
  );
  const heard = await Promise.all(
    digests.map((digest, number) =>
      insertConfirmedIssuer(operator.db, { digest, issuer: `https://auth${number}.example.com` }, new Date()),
    ),
  );
  expect(new Set(heard)).toEqual(new Set([await confirmed()]));
});

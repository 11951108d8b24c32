import { connect } from "node:net";
import { expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize, signInOn } from "../../src/dev/person.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { mintRecoveryCode } from "../../src/lib/recovery-code.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createInternet } from "../support/internet.ts";
import { authorizationRequest, basic, postForm, redeem, registerClient } from "../support/oauth-client.ts";

/** Attacks that somebody found, each with its former effect. */
const internet = createInternet();
const gatehouse = await startGatehouse({ outbound: internet.outbound });
const { issuer, owner } = gatehouse;

test("Outages: no path that a client made up is logged, because it could contain a token", async () => {
  const client = await registerClient(gatehouse);
  const token = String(client["registration_access_token"]);
  await fetch(`${issuer}/register/${token}`);
  await fetch(`${issuer}/${token}`);
  expect(gatehouse.logs.some(({ message }) => message.includes(token))).toBe(false);
});

test("T8 a percent-encoded NUL in a Basic header is an unknown client, and causes no 500", async () => {
  const never = (kind: string) => `${kind}_${"a".repeat(43)}-bbbbbb`;
  const requests: [string, Record<string, string>, string][] = [
    ["/introspect", { token: "x" }, never("gthv")],
    ["/revoke", { token: never("gtha") }, ""],
    ["/device_authorization", {}, ""],
    ["/token", { grant_type: "client_credentials" }, ""],
    ["/token", { grant_type: "authorization_code", code: never("gthc"), code_verifier: "a".repeat(43) }, "%00"],
  ];
  for (const [path, fields, secret] of requests)
    expect([400, 401], path).toContain((await postForm(issuer + path, fields, basic("%00", secret))).status);
});

test("T8 a path with a line break is returned to after the sign-in, and the line break gets into no header", async () => {
  const visitor = createHeadlessBrowser();
  const page = await visitor.open(`${issuer}/account/%0d%0aX-Evil:%201`);
  const signedIn = await signInOn(visitor, page, await gatehouse.addPerson());
  expect([signedIn.status, signedIn.url.pathname]).toEqual([404, "/account/%0d%0aX-Evil:%201"]);
});

/** A server's answer to these bytes, up to the end of its first line. */
const sendRaw = (origin: string, bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.end(bytes));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer.split("\r\n")[0] ?? ""));
    socket.on("error", reject);
  });

test.each([
  "register",
  "token",
  "device_authorization",
  "revoke",
  "introspect",
  "tool-calls",
  "login",
  "setup",
  "consent",
])("T8 a body to /%s that breaks off is the sender's error", async (endpoint) => {
  const type = ["register", "tool-calls"].includes(endpoint) ? "application/json" : "application/x-www-form-urlencoded";
  const head = `POST /${endpoint} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n`;
  for (const rest of ["zz\r\n", ""]) {
    const answer = await sendRaw(issuer, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n${rest}`);
    // The connection may be gone before there is an answer.
    expect(answer).toMatch(/^(HTTP\/1\.1 400 .*)?$/);
  }
  expect(gatehouse.logs.filter(({ message }) => message.includes('"fault"'))).toEqual([]);
});

test("A4 a long state survives the sign-in", async () => {
  const visitor = createHeadlessBrowser();
  const client = await registerClient(gatehouse);
  const state = "s".repeat(6000);
  const { url } = await authorizationRequest(gatehouse, client, { state });
  const answer = await authorize(visitor, url, await gatehouse.addPerson());
  expect(answer.searchParams.get("state")).toBe(state);
});

test("a failed sign-in ends no session", async () => {
  const visitor = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const page = await visitor.open(`${issuer}/login/recovery`);
  expect((await visitor.submit(page, "/login/recovery", { code: mintRecoveryCode() })).status).toBe(400);
  expect((await visitor.open(`${issuer}/account`)).url.pathname).toBe("/account");
});

test("R5 a client can't register a name that would look blank or pile up marks", async () => {
  const nameOf = async (client_name: string) => (await registerClient(gatehouse, { client_name }))["client_name"];
  expect(await nameOf("\u3164\u2800\ufe0f\u034f\u115f")).toBe("app.example");
  expect(await nameOf(`Z${"\u0300".repeat(50)}`)).toBe("Z\u0300\u0300");
});

test("T7 a consent that waits while everything of its person is revoked gives no code that works", async () => {
  const leaving = await gatehouse.addPerson();
  const visitor = await gatehouse.signedInBrowser(leaving);
  const client = await registerClient(gatehouse);
  const { url, verifier } = await authorizationRequest(gatehouse, client);
  const page = await visitor.open(url);
  const [answer] = await Promise.all([
    visitor.submit(page, "/consent", { decision: "allow" }),
    revokeGrants(owner, { kind: "user", email: leaving.email }),
  ]);
  const code = answer.left?.searchParams.get("code") ?? "gthc_none";
  const redirectUri = client.redirect_uris[0] ?? "";
  expect((await redeem(gatehouse, client, { code, verifier, redirectUri })).status).toBe(400);
});

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { listenForCallbacks } from "../../src/doctor/account/callback.ts";
import type { WalkingClient } from "../../src/doctor/evidence.ts";
import { createReport, type Report } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { REDIRECT_URI } from "../../src/doctor/walk-registration.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { runCommand } from "../support/cli.ts";
import { found, proberFor, runDoctor } from "../support/doctor.ts";
import { gatehouseBrowser } from "../support/doctor-browsers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { startModelServer } from "../support/model-server/model-server.ts";

const gatehouse = await startGatehouse({
  example: true,
  vars: { REGISTRATION_POLICY: "closed" },
});
const person = await gatehouse.addPerson();

/** A client that the owner registered by hand. */
async function preregister(method: string, redirectUri = REDIRECT_URI): Promise<WalkingClient> {
  const metadata = {
    client_name: "Doctor by hand",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: method,
    grant_types: ["authorization_code", "refresh_token"],
  };
  const created = await createClient(gatehouse.owner, metadata, []);
  if ("problem" in created) throw new Error(created.problem);
  const { clientId, clientSecret } = created;
  if (clientSecret) gatehouse.keepSecret(() => [clientSecret]);
  return {
    clientId,
    redirectUri,
    ...(clientSecret ? { secret: clientSecret } : {}),
  };
}

const outcomeOf = ({ findings }: Report, check: string) => findings.find(({ id }) => id === check)?.outcome;
const run = (client: WalkingClient, env: Readonly<Record<string, string>>, ...args: string[]) =>
  runCommand(["doctor", gatehouse.issuer, "--json", "--client-id", client.clientId, ...args], env);

test.each(["none", "client_secret_basic"])(
  "D7 where registration is closed, the walk goes on with a given client of the method %s",
  async (method) => {
    const client = await preregister(method);
    const { code, stdout, stderr } = await run(client, client.secret ? { DOCTOR_CLIENT_SECRET: client.secret } : {});
    const report = JSON.parse(stdout);
    expect(found(report)).toEqual([]);
    expect(outcomeOf(report, "token-invalid-grant")).toBe("pass");
    expect(outcomeOf(report, "token-unknown-grant")).toBe("pass");
    expect(outcomeOf(report, "authorize-redirect-uri")).toBe("pass");
    expect(report).toMatchObject({
      clientProblem: null,
      registrations: { made: 0, deleted: 0 },
    });
    expect(code).toBe(0);
    if (client.secret) expect((stdout + stderr).includes(client.secret)).toBe(false);
  },
);

test("D7 without a client, the doctor says that registration is closed, and names the option", async () => {
  const { stdout } = await runDoctor(gatehouse.issuer);
  expect(stdout).toContain("The server registers no apps");
  expect(stdout).toContain(`redirect URI ${REDIRECT_URI}`);
  expect(stdout).toContain("--client-id");
});

test("D7 a client that lacks its secret is distinguished from a fault of the server, and the walk exits with 2", async () => {
  const client = await preregister("client_secret_basic");
  for (const env of [{}, { DOCTOR_CLIENT_SECRET: "not-the-secret" }]) {
    const { code, stdout } = await run(client, env);
    const report = JSON.parse(stdout);
    expect(found(report)).toEqual([]);
    expect(outcomeOf(report, "token-invalid-grant")).toBe("unknown");
    expect(report.clientProblem).toContain("DOCTOR_CLIENT_SECRET");
    expect(code).toBe(2);
  }
});

test.each(["none", "client_secret_basic"])(
  "D7 with an account, a given client of the method %s signs in",
  async (method) => {
    const client = await preregister(method);
    const browser = gatehouseBrowser(await gatehouse.signInBrowser(person), person);
    const { uri } = gatehouse.resource;
    const account = { kind: "browser", email: person.email, browser } as const;
    const prober = proberFor(uri, { maxRequests: 100 });
    const report = createReport(
      await walkServer(new URL(uri), prober, {
        readOnly: false,
        account,
        client,
      }),
    );
    expect(found(report)).toEqual([]);
    const untold = report.findings.filter(({ id, outcome }) => id.startsWith("account-") && outcome !== "pass");
    expect(untold.map(({ id }) => id)).toEqual(["account-reuse-ends"]);
  },
);

test("D7 a given client is used instead of a new registration, even where registration is open", async () => {
  const registered: string[] = [];
  const server = await startModelServer({
    alter: (answer, { url }) => {
      if (url.endsWith("/register")) registered.push(url);
      return answer;
    },
  });
  await runDoctor(server.mcp, "--client-id", "anything").finally(server.stop);
  expect(registered).toEqual([]);
});

type SentSecret = { readonly url: string; readonly basic: string | null; readonly body: string | null };

/** An authorization server that offers these methods, and repeats what it was sent, as some do when they are debugged. */
async function startEcho(methods: readonly string[], tokenHost = "127.0.0.1") {
  const seen: SentSecret[] = [];
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const metadata = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `http://${tokenHost}:${port}/token`,
    response_types_supported: ["code"],
    token_endpoint_auth_methods_supported: methods,
  };
  const server = createServer(async (request, response) => {
    const { url = "", headers } = request;
    response.setHeader("Content-Type", "application/json");
    if (url.startsWith("/.well-known/oauth-authorization-server")) return response.end(JSON.stringify(metadata));
    const body = await text(request);
    const basic = headers.authorization ?? null;
    if (url.startsWith("/token")) seen.push({ url, basic, body: new URLSearchParams(body).get("client_secret") });
    return response.writeHead(400).end(JSON.stringify({ error: "odd", error_description: `${basic} ${body}` }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  afterAll(() => stopServer(server));
  return { origin, seen };
}

test.each([
  [["client_secret_basic", "client_secret_post"], "Basic"],
  [["none", "client_secret_post"], "body"],
  [["none"], "Basic"],
])("D7 with the methods %j, the secret is sent as %s, and never in a URL or the report", async (methods, place) => {
  const { origin, seen } = await startEcho(methods);
  const secret = "s3cret :ü+";
  const args = ["doctor", origin, "--all", "--client-id", "an id"];
  const { stdout, stderr } = await runCommand(args, { DOCTOR_CLIENT_SECRET: secret });
  const basic = Buffer.from("an+id:s3cret+%3A%C3%BC%2B").toString("base64");
  const proven = seen.filter((each) => each.basic !== null || each.body !== null);
  expect(proven.length).toBeGreaterThan(2);
  for (const each of proven)
    expect([each.basic, each.body]).toEqual(place === "Basic" ? [`Basic ${basic}`, null] : [null, secret]);
  for (const shown of [secret, basic, "s3cret"]) {
    expect(seen.some(({ url }) => url.includes(shown))).toBe(false);
    expect((stdout + stderr).includes(shown)).toBe(false);
  }
});

test("D7 the secret isn't sent over http to another machine", async () => {
  // The address leads to this machine, but isn't one of its loopback addresses.
  const { origin, seen } = await startEcho(["client_secret_basic"], "0.0.0.0");
  const args = ["doctor", origin, "--host", "0.0.0.0", "--client-id", "an id"];
  await runCommand(args, { DOCTOR_CLIENT_SECRET: "the-secret" });
  // Only the unknown client, which has no secret, was there.
  expect(seen.map(({ basic, body }) => [basic, body])).toEqual([[null, null]]);
});

test("D7 answers arrive at the given redirect URI, and a port that is already in use is reported", async () => {
  const redirectUri = `http://127.0.0.1:${await findFreePort()}/from/doctor`;
  const listener = await listenForCallbacks(redirectUri);
  expect(listener.redirectUri).toBe(redirectUri);
  const next = listener.next();
  await fetch(`${redirectUri}?code=x`);
  expect((await next).path).toBe("/from/doctor");
  await expect(listenForCallbacks(redirectUri)).rejects.toThrow(/in use.*--redirect-uri/);
  listener.stop();
});

test.each([
  [["--redirect-uri", REDIRECT_URI], "--redirect-uri needs --client-id.\n"],
  [["--client-id", "x", "--redirect-uri", "https://client.example/callback"], "http://127.0.0.1:PORT/callback"],
  [["--client-id", "x", "--redirect-uri", "http://127.0.0.1/callback"], "http://127.0.0.1:PORT/callback"],
])("D7 %j is refused with one sentence", async (args, sentence) => {
  const { code, stdout, stderr } = await runDoctor(gatehouse.issuer, ...args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(sentence);
});

import { afterAll, expect, test } from "vitest";
import { examine, found, proberFor, runDoctor } from "../support/doctor.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";
import { type Changes, type ModelServer, startModelServer } from "../support/model-server/model-server.ts";

const servers: ModelServer[] = [];
async function start(alter: Changes["alter"]): Promise<ModelServer> {
  const server = await startModelServer(alter ? { alter } : {});
  servers.push(server);
  return server;
}
afterAll(() => Promise.all(servers.map(({ stop }) => stop())));

/** A server under its other name that counts its callers. */
async function startStranger() {
  let asked = 0;
  const { origin } = await start((answer) => {
    asked++;
    return answer;
  });
  return { origin: origin.replace("127.0.0.1", "localhost"), asked: () => asked };
}

test("D4 a host that only the metadata names is not asked unless the person allows it", async () => {
  const stranger = await startStranger();
  const { mcp } = await start((answer, { url }) =>
    url.includes("oauth-protected-resource")
      ? Response.json({ resource: url.replace(/\.well-known.*/, "mcp"), authorization_servers: [stranger.origin] })
      : answer,
  );
  const { code, stdout } = await runDoctor(mcp, "--json");
  const report = JSON.parse(stdout);
  expect(report.unasked).toEqual(["localhost"]);
  expect([code, stranger.asked()]).toEqual([2, 0]);
  expect(found(report)).toEqual(["resource-metadata-cors"]);
  expect(report.clients[3]).toMatchObject({ outcome: "unknown", requirement: "server metadata" });

  await runDoctor(mcp, "--host", "localhost");
  expect(stranger.asked()).toBeGreaterThan(0);
});

test.each([
  ["the MCP server", "/mcp"],
  ["metadata", "/.well-known/oauth-authorization-server"],
  ["registration", "/register"],
  ["the token endpoint", "/token"],
])("D4 a redirect of %s to another host is not followed", async (_, path) => {
  const stranger = await startStranger();
  const { mcp } = await start((answer, { url }) =>
    new URL(url).pathname === path ? Response.redirect(`${stranger.origin}/elsewhere`, 307) : answer,
  );
  const report = await examine(mcp, proberFor(mcp, { hostnames: ["127.0.0.1", "localhost"] }));
  expect(stranger.asked()).toBe(0);
  expect(found(report)).toContain("transport-redirects");
});

test("D4 the doctor gives up on an answer without end, and cuts one that is too long", async () => {
  const endless = () => new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(97)) });
  const { mcp } = await start((answer, { url }) =>
    url.includes("oauth-protected-resource") ? new Response(endless(), answer) : answer,
  );
  expect(found(await examine(mcp))).toEqual(["resource-metadata"]);
});

test("D4 the doctor gives up on a server that never answers", async () => {
  const { mcp } = await start((answer, { url }) => (url.endsWith("/token") ? new Promise(() => {}) : answer));
  expect(found(await examine(mcp, proberFor(mcp, { timeoutMs: 200 })))).toEqual(["transport-reached"]);
});

test("D4 nothing that a server says can control the terminal", async () => {
  const trap = "\u001b[2J\u009b31m\u202egnp.exe\u0007\nConnects";
  const { mcp } = await start((answer, { url }) =>
    url.includes("/authorize") || url.endsWith("/token")
      ? Response.json({ error: "broken", error_description: trap }, { status: 500 })
      : answer,
  );
  for (const args of [[], ["--json"]]) {
    const { stdout } = await runDoctor(mcp, "--all", ...args);
    expect(stdout).toContain("\ufffd[2J\ufffd31m\ufffdgnp.exe\ufffd\ufffdConnects");
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  }
});

test("D4 a certificate that no authority vouches for is reported, and nothing is sent to that server", async () => {
  const model = await startStranger();
  const front = await startHttps(await findCertificate(), () => model.origin);
  // A process of its own, which doesn't know this machine's certificate.
  const { code, stdout } = await runDoctor(`${front.url}/mcp`, "--json").finally(front.stop);
  const report = JSON.parse(stdout);
  expect(found(report)).toEqual(["transport-reached"]);
  expect(report.clients[1].because).toBe(`POST ${front.url}/mcp: certificate refused`);
  expect([code, model.asked()]).toEqual([1, 0]);
});

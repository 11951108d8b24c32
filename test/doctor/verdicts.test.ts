import { expect, test } from "vitest";
import { judgeClients } from "../../src/doctor/verdict.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { examine, proberFor, verdicts } from "../support/doctor.ts";
import { type Changes, startModelServer } from "../support/model-server/model-server.ts";

/** Changes members of the server's metadata. */
const metadata = (changed: object): Changes => ({
  alter: async (answer, { url }) =>
    url.includes("oauth-authorization-server")
      ? Response.json({ ...((await answer.json()) as object), ...changed }, { headers: answer.headers })
      : answer,
});
const DOCUMENTS = { client_id_metadata_document_supported: true };
const NO_NONE = { token_endpoint_auth_methods_supported: ["client_secret_basic"] };
const CLOSED = { registration_endpoint: undefined };

test.each<[string, Changes, Readonly<Record<string, string>>]>([
  [
    "a server with documents but no registration stops clients that have no document",
    metadata({ ...DOCUMENTS, ...CLOSED }),
    {
      "claude-code": "connects",
      vscode: "connects",
      codex: "connects",
      cursor: "stopped: it shows no metadata document, and can't register",
      "mcp-remote": "stopped: it shows no metadata document, and can't register",
    },
  ],
  [
    "a server whose documents may not use the method none stops Claude, which falls back on registration",
    metadata({ ...DOCUMENTS, ...NO_NONE, ...CLOSED }),
    {
      claude: "stopped: it shows its metadata document only where the token endpoint takes none, and can't register",
      vscode: "connects",
    },
  ],
  [
    "a server with neither documents nor registration stops every client",
    metadata(CLOSED),
    { chatgpt: "stopped: it can neither show its metadata document nor register" },
  ],
  [
    "a server that registers only https redirect URIs stops apps on the person's machine",
    {
      alter: async (answer, { url }) => {
        if (!url.endsWith("/register")) return answer;
        const { redirect_uris: uris = [] } = (await answer.clone().json()) as { redirect_uris?: string[] };
        return uris.every((uri) => uri.startsWith("https:"))
          ? answer
          : Response.json({ error: "invalid_redirect_uri" }, { status: 400 });
      },
    },
    {
      claude: "once deployed",
      "claude-code": "stopped: its registration is refused: 400 invalid_redirect_uri",
      cursor: "stopped: its registration is refused: 400 invalid_redirect_uri",
    },
  ],
  [
    "a server that accepts only the issuer as audience of assertions stops ChatGPT",
    { ...metadata(DOCUMENTS), rules: { assertionAudiences: "issuer" } },
    {
      chatgpt: "stopped: its assertion, whose audience is the token endpoint, is refused",
      claude: "once deployed",
    },
  ],
  [
    "a server that fixes the loopback port stops Claude Code, whose port changes",
    { rules: { redirectUris: "exact" } },
    { "claude-code": 'stopped: the authorization endpoint refuses it: 400 "This app or its address is not known."' },
  ],
  [
    "a server without CORS stops only the Inspector's page",
    {
      alter: (answer) => {
        const closed = new Response(answer.body, answer);
        closed.headers.delete("Access-Control-Allow-Origin");
        return closed;
      },
    },
    { inspector: "stopped: its page may not read the resource metadata: CORS", "mcp-remote": "connects" },
  ],
  [
    "a server that compares resources as text stops clients whose library adds a slash",
    { rules: { path: "", comparesResourceAsText: true } },
    { "claude-code": "stopped: the authorization endpoint refuses it: invalid_target" },
  ],
  [
    "a server that promises iss and omits it stops the official SDK",
    { rules: { answersIss: false }, ...metadata({ authorization_response_iss_parameter_supported: true }) },
    { "mcp-remote": "stopped: the answer's iss is missing, and was promised", vscode: "connects" },
  ],
  [
    "a server that advertises one issuer and has another stops every client",
    metadata({ issuer: "https://other.example" }),
    { vscode: expect.stringMatching(/^stopped: the issuer is https:\/\/other\.example, and http:.* led there$/) },
  ],
])("D3 %s", async (_, changes, expected) => {
  const server = await startModelServer(changes);
  const report = await examine(server.mcp).finally(server.stop);
  expect(verdicts(report)).toMatchObject(expected);
});

test.each([
  ["https://mcp.example/mcp", "connects"],
  ["https://mcp.example:8443/mcp", "stopped"],
  ["http://mcp.example/mcp", "stopped"],
])("D3 for a hosted client, a server at %s %s", async (address, outcome) => {
  const server = await startModelServer();
  const evidence = await walkServer(new URL(server.mcp), proberFor(server.mcp), { readOnly: false }).finally(
    server.stop,
  );
  const { resource } = evidence;
  const found = resource?.metadata.found;
  if (!resource || !found) throw new Error("the walk found no metadata");
  const moved = { ...found, json: { ...found.json, resource: address } };
  const [claude] = judgeClients({
    ...evidence,
    target: new URL(address),
    resource: { ...resource, metadata: { ...resource.metadata, found: moved } },
  });
  expect(claude?.outcome).toBe(outcome);
});

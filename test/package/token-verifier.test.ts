import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { grantTokens } from "../support/oauth-client.ts";
import { createProject, startProgram } from "../support/project.ts";
import { bearer, protectedOptions } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, browser, client } = await ownScene();
const tarball = inject("tarball");

/** Each version line of the SDK only recognizes its own package's errors. */
const SDKS = [
  {
    line: "1.x",
    packages: ["@modelcontextprotocol/sdk@^1"],
    entry: "mcp-v1",
    gate: "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js",
  },
  {
    line: "2.x",
    packages: ["@modelcontextprotocol/server@^2", "@modelcontextprotocol/express@^2"],
    entry: "mcp",
    gate: "@modelcontextprotocol/express",
  },
];

const programOf = ({ entry, gate }: (typeof SDKS)[number]) => `
import { resourceServer } from "@gatehouse-auth/resource-server";
import { tokenVerifier } from "@gatehouse-auth/resource-server/${entry}";
import { requireBearerAuth } from "${gate}";
import express from "express";

const gatehouse = resourceServer(JSON.parse(process.env.OPTIONS));
const app = express();
const gate = requireBearerAuth({ verifier: tokenVerifier(gatehouse), requiredScopes: ["mcp:tools"] });
app.all("/mcp", gate, (request, response) => response.json({ subject: request.auth.subject }));
app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
`;

describe.each(SDKS)("requireBearerAuth of SDK $line, with the packed package", (sdk) => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  test("K1 a bad token is 401, a token with too little scope 403, and a good one passes", async () => {
    const { access: _, ...options } = await protectedOptions(gatehouse);
    const tokenWith = async (scope: string) =>
      (await grantTokens(gatehouse, browser, client, { resource: options.resource, scope })).access_token;
    const project = await createProject([tarball, "express@^5", ...sdk.packages], []);
    cleanUps.push(project.remove);
    const file = join(project.folder, "server.js");
    await writeFile(file, programOf(sdk));
    const port = await findFreePort();
    const program = await startProgram(file, { PORT: String(port), OPTIONS: JSON.stringify(options) });
    cleanUps.push(async () => void program.kill());
    const ask = async (token: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/mcp`, { headers: bearer(token) });
      const { error, subject } = (await answer.json()) as { error?: string; subject?: string };
      return [answer.status, error ?? subject];
    };
    expect(await ask("junk")).toEqual([401, "invalid_token"]);
    expect(await ask(await tokenWith("mcp:prompts"))).toEqual([403, "insufficient_scope"]);
    expect(await ask(await tokenWith("mcp:tools"))).toEqual([200, person.id]);
  }, 120_000);
});

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { migrate } from "../cli/migrate.ts";
import { createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { createUser } from "../flows/admin/create-user.ts";
import { createDemoClient, type DemoClient } from "./demo-client.ts";
import { tellLinked } from "./demo-linked.ts";
import { createHeadlessBrowser } from "./headless-browser.ts";
import { prepareIssues } from "./issues-example.ts";
import { startLocalServices } from "./local-services.ts";
import { authorize } from "./person.ts";
import { findFreePort } from "./ports.ts";
import { type Stack, startStack } from "./stack.ts";
import { readState } from "./state.ts";

const PERSON = { email: "you@example.com", password: "Correct horse 1" };

/** Every request that the SDK makes, so that a step can show the one that proves it. */
const requests: string[] = [];
const recordingFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const response = await fetch(request);
  requests.push(`${request.method} ${new URL(request.url).pathname} → ${response.status}`);
  return response;
};

let failures = 0;

function step(sentence: string, holds: boolean, evidence: string): void {
  if (!holds) failures++;
  console.log(`${holds ? "  ✓" : "  ✗"} ${sentence}\n      ${evidence}`);
}

/** The last request that matches, as evidence. */
const seen = (pattern: string) => requests.findLast((line) => line.includes(pattern)) ?? `no request for ${pattern}`;

async function tell({ issuer, resource }: Stack, databaseUrl: string): Promise<void> {
  console.log(`\nGatehouse is at ${issuer}, and protects ${resource.uri}\n`);
  const created = await createUser(await createOperatorDeps(databaseUrl, null), { ...PERSON, role: "owner" });
  step("An owner is created", "id" in created, "cli user create");

  const provider = createDemoClient();
  await signIn(provider, resource.uri);
  const weather = await callTool(provider, resource.uri);
  step("The client calls a tool of the protected server", weather.includes("°C"), `get_weather(Oslo) → ${weather}`);

  const { tokens } = provider.stored;
  if (!tokens) throw new Error("the client has no tokens");
  provider.stored.tokens = { ...tokens, access_token: `${tokens.access_token.slice(0, -1)}!` };
  requests.length = 0;
  const again = await callTool(provider, resource.uri);
  const refreshed = provider.stored.tokens?.refresh_token !== tokens.refresh_token;
  step(
    "A broken access token leads to a refresh, not to a new sign-in",
    again === weather && refreshed,
    seen("/token"),
  );

  await useCodeTwice(issuer, resource.uri);

  const clientId = provider.stored.client?.client_id ?? "";
  const refreshToken = provider.stored.tokens?.refresh_token ?? "";
  const revoked = await post(`${issuer}/revoke`, { token: refreshToken, client_id: clientId });
  step("The client ends its connection", revoked.status === 200, `POST /revoke → ${revoked.status}`);
  const accessToken = provider.stored.tokens?.access_token ?? "";
  const refused = await fetch(resource.uri, { method: "POST", headers: { Authorization: `Bearer ${accessToken}` } });
  step("The very next call is refused", refused.status === 401, `POST /mcp → ${refused.status}`);
}

/** The first connection: discovery, registration, a person's consent, and the code exchanged for tokens. */
async function signIn(provider: DemoClient, uri: string): Promise<void> {
  const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider, fetch: recordingFetch });
  const client = new Client({ name: "demo", version: "1.0.0" });
  const error = await client.connect(transport).catch((reason: unknown) => reason);
  step(
    "A client without a token is refused and told where to get one",
    requests[0]?.endsWith("401") ?? false,
    requests[0] ?? "",
  );
  step(
    "It finds the authorization server",
    seen("oauth-authorization-server").endsWith("200"),
    seen("oauth-authorization-server"),
  );
  step("It registers itself", seen("/register").endsWith("201"), seen("/register"));
  const sentAway = UnauthorizedError.isInstance?.(error) ?? error instanceof UnauthorizedError;
  step(
    "It opens the browser",
    sentAway && provider.authorizationUrl !== null,
    `GET ${provider.authorizationUrl?.pathname}`,
  );
  if (!provider.authorizationUrl) throw new Error("the client opened no browser");
  const answer = await authorize(createHeadlessBrowser(), provider.authorizationUrl, PERSON);
  step(
    "The person signs in and allows it",
    answer.searchParams.has("code"),
    `${answer.origin}${answer.pathname}?code=…&state=…&iss=…`,
  );
  await transport.finishAuth(answer.searchParams);
  step("The client redeems the code", provider.stored.tokens !== undefined, seen("/token"));
}

async function callTool(provider: DemoClient, uri: string): Promise<string> {
  const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider, fetch: recordingFetch });
  const client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(transport);
  const result = await client.callTool({ name: "get_weather", arguments: { city: "Oslo" } });
  await client.close();
  const [content] = result.content;
  return content?.type === "text" ? content.text : "";
}

/** A second client, whose code is stolen and used again. */
async function useCodeTwice(issuer: string, uri: string): Promise<void> {
  const provider = createDemoClient();
  const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider, fetch: recordingFetch });
  await new Client({ name: "demo", version: "1.0.0" }).connect(transport).catch(() => {});
  const answer = await authorize(createHeadlessBrowser(), provider.authorizationUrl ?? "", PERSON);
  await transport.finishAuth(answer.searchParams);
  const replay = await post(`${issuer}/token`, {
    grant_type: "authorization_code",
    code: answer.searchParams.get("code") ?? "",
    redirect_uri: String(provider.redirectUrl),
    client_id: provider.stored.client?.client_id ?? "",
    code_verifier: provider.stored.verifier ?? "",
  });
  const { error } = (await replay.json()) as { error?: string };
  step(
    "A code that is used a second time is refused",
    error === "invalid_grant",
    `POST /token → ${replay.status} ${error}`,
  );
}

const post = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: "POST", body: new URLSearchParams(fields) });

const services = await startLocalServices(null);
await migrate(services.databaseUrl);
const [state, port] = [await readState(null), await findFreePort(5)];
const issues = await prepareIssues({ services, state, issuer: `http://localhost:${port}`, port: port + 2 });
const stack = await startStack({ services, state, port, beside: [issues.worker], onLog: () => {} });
try {
  await tell(stack, services.databaseUrl);
  await tellLinked(issues, PERSON, step);
} finally {
  await stack.stop();
  await issues.stop();
  await services.stop();
}
console.log(failures === 0 ? "\nEvery step succeeded." : `\n${failures} step(s) failed.`);
process.exit(failures === 0 ? 0 : 1);

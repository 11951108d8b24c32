import { readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createDemoClient } from "../../src/dev/demo-client.ts";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize } from "../../src/dev/person.ts";

/** Does what `npm run dev` tells a newcomer: opens the link that makes an owner, and gives an MCP client the URL. */
const printed = readFileSync(process.argv[2] ?? "", "utf8");
const lineAfter = (text: string): string => {
  const [, found] = new RegExp(`${text}.*\\n\\s+(http\\S+)`).exec(printed) ?? [];
  if (found === undefined) throw new Error(`npm run dev said nothing of "${text}":\n${printed}`);
  return found;
};
const link = new URL(lineAfter("to become the owner"));
const uri = lineAfter("Give an MCP client this URL");

const person = { email: "newcomer@example.com", password: "Correct horse 1" };
const browser = createHeadlessBrowser();
// Takes the code from behind the #, as the page's script does.
const opened = await browser.open(link.origin + link.pathname);
const asked = await browser.submit(opened, "/setup", { code: link.hash.slice(1) });
const named = await browser.submit(asked, "/setup", { email: person.email });
const owner = await browser.submit(named, "/setup/password", { password: person.password });
if (owner.status !== 200) throw new Error(`nobody became the owner: ${owner.html.textContent}`);

const provider = createDemoClient();
const connect = async () => {
  const client = new Client({ name: "newcomer", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider });
  return { client, transport, error: await client.connect(transport).catch((error: unknown) => error) };
};
const first = await connect();
if (!provider.authorizationUrl) throw new Error(`the client opened no browser: ${first.error}`);
await first.transport.finishAuth((await authorize(browser, provider.authorizationUrl, person)).searchParams);
const { client, error } = await connect();
if (error) throw error;
const { content } = await client.callTool({ name: "get_weather", arguments: { city: "Oslo" } });
await client.close();
const [answer] = content;
if (answer?.type !== "text" || !answer.text.includes("°C"))
  throw new Error(`the tool answered ${JSON.stringify(content)}`);
console.log(`The SDK's client was told: ${answer.text}`);

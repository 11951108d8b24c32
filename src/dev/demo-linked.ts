import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createDemoClient } from "./demo-client.ts";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "./headless-browser.ts";
import type { IssuesExample } from "./issues-example.ts";
import { type Person, signInOn } from "./person.ts";

type Step = (sentence: string, holds: boolean, evidence: string) => void;

/** The part of the demo in which a server acts at another service for the person. */
export async function tellLinked({ resource, github }: IssuesExample, person: Person, step: Step): Promise<void> {
  const provider = createDemoClient();
  const transport = new StreamableHTTPClientTransport(new URL(resource.uri), { authProvider: provider });
  await new Client({ name: "demo", version: "1.0.0" }).connect(transport).catch(() => {});
  const browser = createHeadlessBrowser();
  const consent = await signInOn(browser, await browser.open(provider.authorizationUrl ?? ""), person);
  const ask = await browser.submit(consent, "/consent", { decision: "allow" });
  step(
    "The person is asked for the GitHub account that a server needs",
    ask.url.pathname.startsWith("/connect/"),
    `${ask.url.origin}/connect/…`,
  );
  const back = await linkAtGitHub(browser, ask);
  step("They link it there, and the app gets its code", back.searchParams.has("code"), `${back.pathname}?code=…`);
  await transport.finishAuth(back.searchParams);

  const client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(resource.uri), { authProvider: provider }));
  const { content } = await client.callTool({ name: "list_issues", arguments: {} });
  await client.close();
  const [first] = content;
  const issues = first?.type === "text" ? first.text : "";
  step(
    "The server's tool uses it, and the app never sees the token",
    issues.startsWith("#1"),
    `list_issues → ${issues}`,
  );

  const page = await browser.open(`${new URL(ask.url).origin}/account/linked`);
  const form = page.html.querySelector("form[action$=unlink]")?.getAttribute("action") ?? page.url.href;
  const unlinked = await browser.submit(page, new URL(form).pathname, {});
  // The provider is told after the answer.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const revoked = github.controls.asked(`/api/v3/applications/${github.clientId}/token`);
  step("They unlink it, and GitHub is told", revoked === 1, `${unlinked.url.pathname}; DELETE …/token`);
}

/** Goes to GitHub from the page that asks for it, signs in there and allows it. Returns where the app is told. */
async function linkAtGitHub(browser: HeadlessBrowser, ask: Page): Promise<URL> {
  const sent = await browser.submit(ask, ask.url.pathname, {});
  const page = await browser.open(sent.left ?? "");
  const allowed = await browser.submit(page, page.url.pathname, { login: "octocat", decision: "allow" });
  const done = await browser.open(allowed.left ?? "");
  if (!done.left) throw new Error(`linking led nowhere: ${done.html.textContent}`);
  return done.left;
}

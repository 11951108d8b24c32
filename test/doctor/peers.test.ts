import { expect, test } from "vitest";
import { examine, found, verdicts } from "../support/doctor.ts";
import { startOidcProvider } from "../support/peers/oidc-provider.ts";
import { startWorkersOauthProvider } from "../support/peers/workers-oauth-provider.ts";

/** What stops a client, if only the beginning of the text is ours to know. */
const stopped = (reason: string) => expect.stringContaining(`stopped: ${reason}`);

test("D3 oidc-provider refuses Cursor's app scheme, and foreign pages may not read its answers", async () => {
  const server = await startOidcProvider({ documents: false });
  const report = await examine(server.issuer).finally(server.stop);
  expect(verdicts(report)).toEqual({
    claude: "once deployed",
    "claude-code": "connects",
    chatgpt: "once deployed",
    codex: "connects",
    vscode: "connects",
    cursor: stopped("its registration is refused: 400 invalid_redirect_uri"),
    inspector: stopped("its page may not read registrations: CORS"),
    "mcp-remote": "connects",
  });
  expect(found(report)).toEqual([
    "metadata-grants",
    "registration-cors",
    "authorize-framing",
    "authorize-referrer",
    "token-cors",
  ]);
});

test("D3 oidc-provider with metadata documents fixes the loopback port of clients that don't say native", async () => {
  const server = await startOidcProvider({ documents: true });
  const report = await examine(server.issuer).finally(server.stop);
  expect(verdicts(report)).toMatchObject({
    claude: "once deployed",
    "claude-code": stopped("the authorization endpoint refuses it: 400"),
    chatgpt: "once deployed",
    codex: stopped("the authorization endpoint refuses it: 400"),
    vscode: "connects",
  });
});

test("D3 workers-oauth-provider registers Cursor and then refuses its scheme", async () => {
  const server = await startWorkersOauthProvider({ documents: false });
  const report = await examine(server.mcp).finally(server.stop);
  expect(verdicts(report)).toEqual({
    claude: "once deployed",
    "claude-code": "connects",
    chatgpt: "once deployed",
    codex: "connects",
    vscode: "connects",
    cursor: stopped("the authorization endpoint refuses it: 400"),
    inspector: "connects",
    "mcp-remote": "connects",
  });
  // The page is ours, and the package leaves its headers to whoever writes one.
  expect(found(report)).toEqual(["authorize-framing", "authorize-referrer"]);
});

test("D3 workers-oauth-provider with metadata documents accepts every client that has one", async () => {
  const server = await startWorkersOauthProvider({ documents: true });
  const report = await examine(server.mcp).finally(server.stop);
  expect(verdicts(report)).toMatchObject({
    claude: "once deployed",
    "claude-code": "connects",
    chatgpt: "once deployed",
    codex: "connects",
    vscode: "connects",
    cursor: stopped("the authorization endpoint refuses it"),
  });
});

import { expect, test } from "vitest";
import { guessAppName } from "../../src/oauth/app-name.ts";

test.each([
  ["vscode://vscode.example/cb", "Visual Studio Code"],
  ["https://claude.ai/api/mcp/auth_callback", "claude.ai"],
  ["http://127.0.0.1:3000/cb", null],
  ["someapp:/cb", null],
  ["constructor:/cb", null],
  ["no uri", null],
])("Clients: an app whose only known address is %s is named %s", (redirectUri, name) => {
  expect(guessAppName(redirectUri)).toBe(name);
});

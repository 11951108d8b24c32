import type { Shape } from "./shape.ts";

export const PLAINTEXT: readonly Shape[] = [
  {
    what: "a file",
    bad: `
import { writeFile } from "node:fs/promises";
export async function saveTokens(tokens: OAuthTokens) {
  await writeFile(join(homedir(), ".my-server.json"), JSON.stringify({ saved: Date.now(), ...tokens }), { mode: 0o600 }); // MARK
}`,
    good: `
import { writeFile } from "node:fs/promises";
export async function saveTokens(tokens: OAuthTokens, key: CryptoKey) {
  await writeFile(join(homedir(), ".my-server.json"), await encrypt(key, JSON.stringify(tokens)));
  await writeFile("usage.json", JSON.stringify({ maxTokens: 4096, inputTokens: usage.inputTokens, count: tokens.length }));
}`,
  },
  {
    what: "a file that is named for it",
    bad: `
export class FileStore implements Store {
  async save(session: Session) {
    await writeJsonFile(join(this.folder, "tokens.json"), session); // MARK
  }
}`,
    good: `
export class FileStore implements Store {
  async save(session: Session) {
    await writeJsonFile(join(this.folder, "tokens.json"), seal(session, this.key));
    await writeJsonFile(join(this.folder, "design-tokens-of-the-theme.json"), theme);
  }
}`,
  },
  {
    what: "the browser's storage",
    bad: `
function onSignedIn(result: TokenSet) {
  window.localStorage.setItem("session", "Bearer " + result.access_token); // MARK
}`,
    good: `
function onSignedIn(result: TokenSet) {
  held = result.access_token;
  window.localStorage.setItem("signed-in", String(Boolean(result.access_token)));
  window.localStorage.setItem("scope", result.scope);
}`,
  },
  {
    what: "a log",
    bad: `
async function exchange(code: string) {
  const { access_token: accessToken, ...rest } = await redeem(code);
  logger.debug(\`got a token: \${accessToken}\`, rest.scope); // MARK
  return accessToken;
}`,
    good: `
async function exchange(code: string) {
  const { access_token: accessToken, ...rest } = await redeem(code);
  logger.debug(\`got a token that ends with \${accessToken.slice(-4)}: \${accessToken ? "yes" : "no"}\`, rest.scope);
  logger.info("access_token received", { hash: sha256(accessToken), progressToken: request.progressToken });
  return accessToken;
}`,
  },
];

import type { StandInAnswer } from "../../src/dev/providers/stand-in.ts";

export type Broken = readonly [title: string, answer: StandInAnswer | "never"];

export const jsonAnswer = (body: object): StandInAnswer => ({
  status: 200,
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});

const token = (access_token: string) => jsonAnswer({ access_token, token_type: "bearer", scope: "read:issues" });

/** What a provider's endpoints may answer when they are broken. */
export const BROKEN_ANSWERS: readonly Broken[] = [
  ["500", { status: 500, body: "broken" }],
  ["a page", { status: 200, body: "<h1>Hello</h1>", headers: { "Content-Type": "text/html" } }],
  ["10 MB", { status: 200, body: "x".repeat(10_000_000), headers: { "Content-Type": "application/json" } }],
  ["nothing at all", "never"],
  ["a redirect inward", { status: 302, body: "", headers: { Location: "http://169.254.169.254/latest" } }],
];

/** What a token endpoint may answer too. */
export const BROKEN_TOKENS: readonly Broken[] = [
  ["an error", jsonAnswer({ error: "incorrect_client_credentials" })],
  ["a token with a line break", token("gho_x\r\nX-Evil: 1")],
  ["a token of 20 KB", token(`gho_${"x".repeat(20_000)}`)],
  ["no token", jsonAnswer({ token_type: "bearer" })],
];

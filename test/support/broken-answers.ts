import type { StandInAnswer } from "../../src/dev/providers/stand-in.ts";

export type Broken = readonly [title: string, answer: StandInAnswer | "never"];

export const jsonAnswer = (body: object): StandInAnswer => ({
  status: 200,
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});

const token = (access_token: string) => jsonAnswer({ access_token, token_type: "bearer", scope: "read:issues" });

/** A right answer at a token endpoint and at a user endpoint, so that only its surroundings can be wrong. */
const RIGHT = { access_token: "gho_right", token_type: "bearer", scope: "read:issues", id: 9, login: "x" };

/** The address that a broken provider redirects to. It gives a right answer. */
export const INSIDE = "/inside";
export const answerInside = jsonAnswer(RIGHT);

/** What a provider's endpoints may answer when they are broken. */
export const BROKEN_ANSWERS: readonly Broken[] = [
  ["500", { ...jsonAnswer(RIGHT), status: 500 }],
  ["a page", { status: 200, body: "<h1>Hello</h1>", headers: { "Content-Type": "text/html" } }],
  ["10 MB", jsonAnswer({ ...RIGHT, filler: "x".repeat(10_000_000) })],
  ["nothing at all", "never"],
  ["a redirect inward", { status: 307, body: "", headers: { Location: INSIDE } }],
];

/** What a token endpoint may answer too. */
export const BROKEN_TOKENS: readonly Broken[] = [
  ["an error", jsonAnswer({ error: "incorrect_client_credentials" })],
  ["a token with a line break", token("gho_x\r\nX-Evil: 1")],
  ["a token of 20 KB", token(`gho_${"x".repeat(20_000)}`)],
  ["no token", jsonAnswer({ token_type: "bearer" })],
];

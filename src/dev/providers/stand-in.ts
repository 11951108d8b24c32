import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

/** What a provider on this machine was asked, and how a test breaks it. */
type StandInControls = {
  /** How often this path was requested, optionally only with this POST field. */
  asked(path: string, field?: readonly [name: string, value: string]): number;
  /** The codes, verifiers, refresh tokens and client secrets that it received, and the tokens that it gave. */
  secrets(): string[];
  gave(token: string): void;
  /** How many milliseconds each answer takes. */
  latency: number;
  /** Answers requests in its place. Null lets one through, and `never` leaves it without an answer. */
  fault: ((path: string, form: URLSearchParams) => StandInAnswer | "never" | "lost" | null) | null;
};

export type StandInAnswer = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type StandIn = {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly controls: StandInControls;
  readonly stop: () => Promise<void>;
};

type Asked = { readonly path: string; readonly form: URLSearchParams };

const SECRET_FIELDS = ["code", "code_verifier", "refresh_token", "client_secret"];

/** The controls of a stand-in, and what they do with each request before it is answered. */
export function createControls() {
  const log: Asked[] = [];
  const given: string[] = [];
  const controls: StandInControls = {
    asked: (path, field) =>
      log.filter((asked) => asked.path === path && (!field || asked.form.get(field[0]) === field[1])).length,
    secrets: () => [...given, ...log.flatMap(({ form }) => SECRET_FIELDS.flatMap((name) => form.getAll(name)))],
    gave: (token) => void given.push(token),
    latency: 0,
    fault: null,
  };
  /** Records a request. True if a fault has handled it. */
  const intercept = async (path: string, form: URLSearchParams, response: ServerResponse): Promise<boolean> => {
    log.push({ path, form });
    await setTimeout(controls.latency);
    const answer = controls.fault?.(path, form) ?? null;
    if (answer === null || answer === "lost") return false;
    if (answer !== "never") response.writeHead(answer.status, answer.headers).end(answer.body);
    return true;
  };
  /** Whether the answer to this request should get lost. */
  const loses = (path: string, form: URLSearchParams): boolean => controls.fault?.(path, form) === "lost";
  return { controls, intercept, loses };
}

/** The form of a request. Empty if it has none. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const isForm = /x-www-form-urlencoded/.test(request.headers["content-type"] ?? "");
  return new URLSearchParams(isForm ? await text(request) : "");
}

const asText = (value: string): string => value.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** The page on which somebody signs in and agrees or declines. */
export const signInPage = (name: string, action: string, asked: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in to ${asText(name)}</title></head><body><main>
<h1>Sign in to ${asText(name)}</h1>
<p>This is a stand-in on your own machine: any name will do. An app asks for: <code>${asText(asked)}</code></p>
<form method="post" action="${asText(action)}">
<label>Name <input name="login" value="octocat" required></label>
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>
</form></main></body></html>`;

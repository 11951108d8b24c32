import type { Deps } from "../deps.ts";
import { introspect } from "../flows/introspect.ts";
import { recordRefusal } from "../flows/record-refusal.ts";
import { recordToolCalls } from "../flows/record-tool-calls.ts";
import { exchangeAccountToken } from "../flows/token/token-exchange.ts";
import * as z from "../lib/schema.ts";
import { isUnavailable } from "../lib/unavailable.ts";
import { OAuthError, type OAuthErrorCode } from "../oauth/errors.ts";
import { readUniqueParams } from "../oauth/params.ts";
import { ACCESS_TOKEN_TYPE } from "../oauth/token-exchange.ts";
import { plausibleId } from "./error-answers.tsx";
import { readToolCalls } from "./tool-calls.ts";

/**
 * Returns errors as values, because an exception thrown over a service binding carries its message and stack to the
 * other Worker.
 */
export type BindingReply<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly error: OAuthErrorCode; readonly connectUri?: string };

/** What the service binding offers to the Workers of this account. It demands the credential all the same. */
export type BindingMethod = "introspect" | "accountToken" | "recordToolCalls";

const bounded = z.string().check(z.maxLength(8192));
const credentialed = z.object({ id: bounded, secret: bounded });
const introspection = z.extend(credentialed, { token: bounded });
const exchange = z.extend(introspection, { provider: bounded, scope: z._default(bounded, "") });
const recording = z.extend(credentialed, { calls: z.unknown() });

const METHODS = {
  introspect: async (deps: Deps, input: unknown) => {
    const { id, secret, token } = read(introspection, input);
    return introspect(deps, { resourceId: id, secret }, readUniqueParams([["token", token]]));
  },
  accountToken: async (deps: Deps, input: unknown) => {
    const { id, secret, token, provider, scope } = read(exchange, input);
    const params = {
      ...{ subject_token: token, subject_token_type: ACCESS_TOKEN_TYPE, requested_token_type: ACCESS_TOKEN_TYPE },
      ...{ audience: provider, scope },
    };
    return exchangeAccountToken(deps, { resourceId: id, secret }, readUniqueParams(Object.entries(params)));
  },
  recordToolCalls: async (deps: Deps, input: unknown) => {
    const { id, secret, calls } = read(recording, input);
    return { recorded: await recordToolCalls(deps, { resourceId: id, secret }, readToolCalls({ calls })) };
  },
} as const satisfies Record<BindingMethod, (deps: Deps, input: unknown) => Promise<object>>;

/** The path of the HTTP endpoint that does the same. */
const ENDPOINTS = { introspect: "introspect", accountToken: "token", recordToolCalls: "tool-calls" } as const;

/** Answers a call over a service binding with the flow of the HTTP endpoint. */
export async function answerBinding(deps: Deps, method: BindingMethod, input: unknown): Promise<BindingReply<object>> {
  const path = `binding:${method}`;
  try {
    return { ok: true, answer: await METHODS[method](deps, input) };
  } catch (error) {
    if (error instanceof OAuthError) {
      deps.log({ level: "info", event: "refused", path, error: error.code, reason: error.reason });
      recordRefusal(deps, ENDPOINTS[method], plausibleId((input as { id?: unknown } | null)?.id), error);
      return { ok: false, error: error.code, ...(error.connectUri ? { connectUri: error.connectUri } : {}) };
    }
    if (isUnavailable(error))
      deps.log({ level: "error", event: "unavailable", path, service: error.service, detail: error.detail });
    else deps.log({ level: "error", event: "fault", path, kind: (error as Error).name });
    return { ok: false, error: "temporarily_unavailable" };
  }
}

function read<T>(schema: z.ZodMiniType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new OAuthError("invalid_request", "The call lacks a parameter.");
  return parsed.data;
}

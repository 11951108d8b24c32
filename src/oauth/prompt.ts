import { OAuthError } from "./errors.ts";
import type { Params } from "./params.ts";

/** What a request demands of the sign-in (OpenID Connect Core §3.1.2.1). */
export type Prompt = {
  /** `none`: no page may be shown. */
  readonly silent: boolean;
  /** `login` or `select_account`: the person has to sign in after the request was made. */
  readonly signIn: boolean;
  /** The highest age of the sign-in in seconds, or null. */
  readonly maxAge: number | null;
};

export function readPrompt({ values }: Params): Prompt {
  const prompts = new Set(values.get("prompt")?.split(" ") ?? []);
  if (prompts.has("none") && prompts.size > 1) {
    throw new OAuthError("invalid_request", "prompt=none can't be combined with another prompt.");
  }
  const maxAge = values.get("max_age");
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) {
    throw new OAuthError("invalid_request", "max_age is not a number of seconds.");
  }
  return {
    silent: prompts.has("none"),
    signIn: prompts.has("login") || prompts.has("select_account"),
    maxAge: maxAge === undefined ? null : Number(maxAge),
  };
}

/**
 * The time since which the person must have signed in for the request to go on, or null. A sign-in after the request is
 * always recent enough, so that `max_age=0` doesn't ask for ever.
 */
export function signedInSince({ signIn, maxAge }: Prompt, requestedAt: Date, now: Date): Date | null {
  if (signIn) return requestedAt;
  if (maxAge === null) return null;
  return new Date(Math.min(requestedAt.getTime(), now.getTime() - maxAge * 1000));
}

import { type Answer, describeAnswer } from "./answer.ts";

/** Where an authorization request led. */
export type AuthorizeOutcome =
  /** To a page: a sign-in, or a page before it. */
  | { readonly kind: "goes on" }
  /** Back to the client, with an error or any other parameters. */
  | { readonly kind: "sent back"; readonly to: URL; readonly params: URLSearchParams }
  | { readonly kind: "refused"; readonly said: string }
  | { readonly kind: "no answer"; readonly why: string };

export function authorizeOutcome(answer: Answer | undefined, redirectUri: string): AuthorizeOutcome {
  if (!answer) return { kind: "no answer", why: "it was not asked" };
  if (answer.trouble) return { kind: "no answer", why: answer.trouble };
  if (answer.status === 429) return { kind: "no answer", why: "the server limits requests; come again later" };
  const { location, status } = answer;
  if (location && status >= 300 && status < 400) {
    // Compares everything up to the query, since a wrong redirect would differ in the port or the path.
    const isBack = location.href.split(/[?#]/)[0] === new URL(redirectUri).href.split(/[?#]/)[0];
    if (!isBack) return { kind: "goes on" };
    const inFragment = new URLSearchParams(location.hash.slice(1));
    return { kind: "sent back", to: location, params: new URLSearchParams([...location.searchParams, ...inFragment]) };
  }
  return status < 400 ? { kind: "goes on" } : { kind: "refused", said: sayPage(answer) };
}

/** The text of an error page, without markup. */
function sayPage(answer: Answer): string {
  if (answer.json) return describeAnswer(answer);
  const text = answer.text
    .replace(/<(script|style|head|title)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return `${answer.status}${text ? ` "${text.slice(0, 120)}"` : ""}`;
}

/** The text of an error that was sent back. */
export const saySentBack = (params: URLSearchParams): string =>
  [params.get("error") ?? "no error", params.get("error_description")].filter(Boolean).join(": ");

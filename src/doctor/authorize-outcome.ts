import { type Answer, describeAnswer } from "./answer.ts";

/** Where an authorization request led. */
export type AuthorizeOutcome =
  /** To a page: a sign-in, or what comes before it. */
  | { readonly kind: "goes on" }
  /** Back to the client, with an error or with whatever the server thought good. */
  | { readonly kind: "sent back"; readonly to: URL; readonly params: URLSearchParams }
  | { readonly kind: "refused"; readonly said: string }
  | { readonly kind: "no answer"; readonly why: string };

export function authorizeOutcome(answer: Answer | undefined, redirectUri: string): AuthorizeOutcome {
  if (!answer) return { kind: "no answer", why: "it was not asked" };
  if (answer.trouble) return { kind: "no answer", why: answer.trouble };
  if (answer.status === 429) return { kind: "no answer", why: "the server limits requests; come again later" };
  const { location, status } = answer;
  if (location && status >= 300 && status < 400) {
    // Everything up to the query is compared, since the port and the path are what a wrong redirect would change.
    const isBack = location.href.split(/[?#]/)[0] === new URL(redirectUri).href.split(/[?#]/)[0];
    if (!isBack) return { kind: "goes on" };
    const inFragment = new URLSearchParams(location.hash.slice(1));
    return { kind: "sent back", to: location, params: new URLSearchParams([...location.searchParams, ...inFragment]) };
  }
  return status < 400 ? { kind: "goes on" } : { kind: "refused", said: sayPage(answer) };
}

/** What an error page says: its text, without its markup. */
function sayPage(answer: Answer): string {
  if (answer.json) return describeAnswer(answer);
  const text = answer.text
    .replace(/<(script|style|head|title)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return `${answer.status}${text ? ` "${text.slice(0, 120)}"` : ""}`;
}

/** What an error that was sent back says. */
export const saySentBack = (params: URLSearchParams): string =>
  [params.get("error") ?? "no error", params.get("error_description")].filter(Boolean).join(": ");

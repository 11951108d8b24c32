import type { RefusalReason } from "../../oauth/errors.ts";
import { Layout, type PageShell } from "./layout.tsx";

type ErrorPageProps = {
  shell: PageShell;
  status: number;
  /** What happened. */
  message: string;
  /** Whether it happened on the way from an app, to which the person has to go back. */
  fromApp: boolean;
  /** The address to ask again, if that can help. */
  retry: string | null;
  /** Why it was refused, where that says what to do next. */
  reason: RefusalReason | null;
  /** The request's id in the log. */
  reference: string;
};

/** What a person sees instead of an error for clients: what happened, and what to do next. */
export const ErrorPage = ({ shell, status, message, fromApp, retry, reason, reference }: ErrorPageProps) => (
  <Layout shell={shell} title={titleOf(status)}>
    <h1>{titleOf(status)}</h1>
    <p>{typeset(message)}</p>
    <p>{nextStep(status, fromApp, reason)}</p>
    <div class="buttons">
      {retry !== null && (status === 429 || status >= 500) && (
        <a class="button" href={retry}>
          Try again
        </a>
      )}
      <a class="button plain" href={`${shell.issuer}/account`}>
        Your connected apps
      </a>
    </div>
    <footer data-copy>
      Reference: <code>{reference}</code>{" "}
      <button type="button" class="link" aria-label="Copy the reference" hidden>
        <span>Copy</span>
      </button>
    </footer>
  </Layout>
);

/** Apps get the same message. RFC 6749 allows no other apostrophe there, and a developer needs the whole URL. */
const typeset = (message: string): string =>
  message.replaceAll("'", "’").replace(/https?:\/\/[^\s,]{72,}/g, (url) => `${url.slice(0, 72)}…`);

function titleOf(status: number): string {
  if (status === 404) return "Page not found";
  if (status === 403) return "Not allowed";
  if (status === 429) return "Too many attempts";
  return status >= 500 ? "Something went wrong" : "That didn’t work";
}

/** The owner said no, so there is nobody else to ask. */
const OWNERS_WORD: readonly (RefusalReason | null)[] = ["client_disabled", "app_refused", "app_held"];

function nextStep(status: number, fromApp: boolean, reason: RefusalReason | null): string {
  if (status === 429) return "Wait a moment, then try again.";
  if (status >= 500)
    return "Try again in a moment. If it keeps happening, tell the owner of this service the reference below.";
  if (OWNERS_WORD.includes(reason)) return "If you need this app, ask the owner of this service.";
  if (reason === "client_unknown")
    return "In the app, remove the connection to this server and add it again. If that doesn’t help, tell the owner of this service the reference below.";
  if (fromApp)
    return "Go back to the app and start again. If it happens again, tell the app’s developer the message above.";
  if (status === 403) return "Go back and try again. If that doesn’t help, ask the owner of this service.";
  if (status === 404) return "Check the address, or start from your connected apps.";
  return "Go back and try again, or start from your connected apps.";
}

import { parseJson } from "../lib/json.ts";

/** Why there is no answer. */
export type Trouble =
  | "no URL"
  | "host not named"
  | "too many requests"
  | "timed out"
  | "certificate refused"
  | "unknown host"
  | "no token goes over http"
  | "there is no MCP server"
  | "unreachable";

/** A server's answer, or the reason why there is none. */
export type Answer = {
  /** Method and URL, for people to read. */
  readonly request: string;
  /** 0 if there is no answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | null;
  readonly location: URL | null;
  readonly ms: number;
  readonly trouble: Trouble | null;
};

/** Replaces the answer. */
export const noAnswer = (request: string, trouble: Trouble): Answer => ({
  request,
  trouble,
  status: 0,
  headers: new Headers(),
  text: "",
  json: null,
  location: null,
  ms: 0,
});

const MAX_BYTES = 256 * 1024;

type Asked = { readonly request: string; readonly url: URL; readonly started: number };

export async function readAnswer(response: Response, { request, url, started }: Asked): Promise<Answer> {
  // The time limit for the start of an answer, since a stream of events goes on as long as it likes.
  const ms = performance.now() - started;
  const text = await readBounded(response);
  const location = response.headers.get("Location");
  return {
    request,
    status: response.status,
    headers: response.headers,
    text,
    json: toObject(text),
    location: location !== null && URL.canParse(location, url.href) ? new URL(location, url) : null,
    ms,
    trouble: null,
  };
}

/** The beginning of a body. A longer or endless one is cut off. */
async function readBounded({ body, headers }: Response): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder();
  const isStream = headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
  let [text, bytes] = ["", 0];
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      text += decoder.decode(part.value, { stream: true });
      if (bytes > MAX_BYTES || isStream) break;
    }
  } catch {
    // It broke off or took too long, so only what came is looked at.
  }
  await reader.cancel().catch(() => {});
  return text.slice(0, MAX_BYTES);
}

function toObject(text: string): Answer["json"] {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Answer["json"]) : null;
  } catch {
    return null;
  }
}

/** Why `fetch` failed. */
export function troubleOf(error: unknown): Trouble {
  if ((error as Error).name === "TimeoutError") return "timed out";
  const { code = "", message = "" } = ((error as Error).cause ?? {}) as { code?: string; message?: string };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown host";
  return /CERT|SELF_SIGNED|TLS|SSL|ALTNAME/i.test(`${code} ${message}`) ? "certificate refused" : "unreachable";
}

/** A member of a document as a text, or null. */
export const textOf = (document: Answer["json"], member: string): string | null => {
  const value = document?.[member];
  return typeof value === "string" ? value : null;
};

/** A member of a document as a list of texts, or null. */
export const textsOf = (document: Answer["json"], member: string): readonly string[] | null => {
  const value = document?.[member];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : null;
};

/** What an answer says, in a few words. */
export const describeAnswer = ({ status, trouble, json, text, location }: Answer): string => {
  if (trouble) return trouble;
  const error = textOf(json, "error");
  const said = error ? ` ${[error, textOf(json, "error_description")].filter(Boolean).join(": ")}` : "";
  const isPage = !json && /^\s*</.test(text) ? " with a page" : "";
  const leads = location ? ` to ${location.origin}${location.pathname}` : "";
  return `${status}${said}${leads || isPage}`;
};

/** Why a walk couldn't judge something, if none of these requests got an answer. */
export const silenceOf = (answers: readonly Answer[]): string | null => {
  const silent = answers.find(({ trouble }) => trouble !== null);
  return silent ? `${silent.request}: ${silent.trouble}` : null;
};

import type { Changes } from "./model-server.ts";
import type { Rules } from "./rules.ts";

export const rules = (changed: Partial<Rules>): Changes => ({ rules: changed });

/** Changes the answers to requests that match. */
export const answers = (
  matches: (request: Request) => boolean,
  alter: (answer: Response) => Response | Promise<Response>,
): Changes => ({ alter: (answer, request) => (matches(request) ? alter(answer) : answer) });

export const at = (path: string, method?: string) => (request: Request) =>
  new URL(request.url).pathname === path && (!method || request.method === method);
export const withoutToken = (request: Request) => at("/mcp", "POST")(request) && !request.headers.has("Authorization");
export const withToken = (request: Request) => at("/mcp", "POST")(request) && request.headers.has("Authorization");

export const headers = (changed: Readonly<Record<string, string | null>>) => (answer: Response) => {
  const altered = new Response(answer.body, answer);
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) altered.headers.delete(name);
    else altered.headers.set(name, value);
  }
  return altered;
};
export const status = (code: number) => (answer: Response) =>
  new Response(answer.body, { status: code, headers: answer.headers });
export const challenge = (alter: (text: string) => string) => (answer: Response) =>
  headers({ "WWW-Authenticate": alter(answer.headers.get("WWW-Authenticate") ?? "") })(answer);

/** Changes members of a document. Undefined removes one. */
export const members = (path: string, changed: Readonly<Record<string, unknown>>) =>
  answers(at(path), async (answer) =>
    Response.json(
      { ...((await answer.json()) as object), ...changed },
      { status: answer.status, headers: answer.headers },
    ),
  );
export const resource = (changed: Readonly<Record<string, unknown>>) =>
  members("/.well-known/oauth-protected-resource/mcp", changed);
export const server = (changed: Readonly<Record<string, unknown>>) =>
  members("/.well-known/oauth-authorization-server", changed);

import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { isUnavailable } from "../lib/unavailable.ts";
import { endpointOf, isStatementError } from "../store/neon.ts";

const EXAMPLE = "postgres://user:password@ep-….neon.tech/gatehouse";
const TIMEOUT_MS = 5000;

/**
 * What is wrong with the text of a DATABASE_URL, in a sentence that doesn't repeat its password. Null if nothing is.
 */
export function findDatabaseUrlProblem(text: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme && !["postgres", "postgresql"].includes(scheme))
    return `DATABASE_URL begins with ${scheme}://. Gatehouse needs a Postgres database at Neon: ${EXAMPLE}`;
  if (!scheme || !URL.canParse(text)) return `DATABASE_URL is not a URL like ${EXAMPLE}`;
  const { username, password, pathname } = new URL(text);
  const missing = [!username && "the user", !password && "the password", pathname.length < 2 && "the database"];
  const names = missing.filter((name) => name !== false);
  return names.length > 0 ? `DATABASE_URL lacks ${names.join(" and ")}: ${EXAMPLE}` : null;
}

/** The sentence for an error that may come from the database, or else the error's own message. */
export async function explainError(error: Error, databaseUrl: string | undefined): Promise<string> {
  if (databaseUrl === undefined) return error.message;
  if (isStatementError(error)) return explainRefusal(error.code, new URL(databaseUrl)) ?? error.message;
  return isUnavailable(error) && error.service === "database"
    ? `${(await findReachProblem(new URL(databaseUrl))) ?? error.message}`
    : error.message;
}

function explainRefusal(code: string, { username, pathname, hostname }: URL): string | null {
  if (code === "28P01" || code === "28000") return `${hostname} refused the user ${username} or the password.`;
  if (code === "3D000") return `There is no database ${pathname.slice(1)} at ${hostname}.`;
  return code === "42P01" || code === "42883" || code === "42703" ? BEHIND : null;
}

const BEHIND = "The database is behind this version of Gatehouse: run `npm run db:migrate`.";

/** Why there was no answer like Neon's. */
async function findReachProblem(url: URL): Promise<string | null> {
  const { hostname } = url;
  const known = await lookup(hostname).catch((error: NodeJS.ErrnoException) => error);
  if (known instanceof Error) return `There is no host ${hostname} (${known.code}). Check DATABASE_URL.`;
  const endpoint = endpointOf(url);
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "Neon-Connection-String": url.href, "Neon-Raw-Text-Output": "true", "Neon-Array-Mode": "true" },
    body: JSON.stringify({ query: "select 1", params: [] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const body = await answer?.json().catch(() => null);
  // It answers properly now, so it was only busy or asleep.
  if (body && (answer?.status === 200 || answer?.status === 400)) {
    const { code } = body as { code?: string };
    return code === undefined ? null : explainRefusal(code, url);
  }
  if (await speaksPostgres(hostname, Number(url.port) || 5432))
    return `${hostname} is a plain Postgres server. Gatehouse uses Neon's HTTP protocol (${endpoint}), since a Worker keeps no connections. Use a database at Neon, or put Neon's proxy in front of yours.`;
  return answer
    ? `${endpoint} answered ${answer.status}, which isn't what Neon answers. Check DATABASE_URL.`
    : `${endpoint} does not answer. Check DATABASE_URL and the network.`;
}

/** Every Postgres answers an SSLRequest with one letter (its documentation, "SSL Session Encryption"). */
const speaksPostgres = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (socket: Socket, found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    const socket: Socket = connect({ host, port, timeout: TIMEOUT_MS }, () =>
      socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])),
    );
    socket.once("data", (data) => end(socket, ["S", "N"].includes(data.toString("latin1", 0, 1))));
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => end(socket, false));
  });

/** One statement with its parameters as text, the way Postgres reads them. */
export type Query = { readonly query: string; readonly params: readonly (string | null)[] };

/** A row by the names of its columns. */
export type Row = Record<string, unknown>;

/** The statement was refused, and `code` is the SQLSTATE. The message isn't kept, because it may quote parameters. */
type StatementError = Error & {
  readonly name: "StatementError";
  readonly code: string;
  readonly constraint: string | undefined;
};

/** Nobody answered, or not in a way that says whether the statement ran. */
type Unreachable = Error & { readonly name: "Unreachable" };

/** Asks a Neon database over HTTP. One request carries one statement, or several in a transaction. */
export type Neon = {
  ask(query: Query): Promise<Row[]>;
  askAll(queries: readonly Query[]): Promise<Row[][]>;
};

/** A cold start takes seconds, and a client waits 10 s for tokens. Two tries must fit in. */
const TIMEOUT_MS = 4000;

type Answer = {
  readonly fields: readonly { name: string; dataTypeID: number }[];
  readonly rows: readonly (string | null)[][];
};

/**
 * Connects to Neon's SQL over HTTP, or to a stand-in if the URL names this machine. Neon's own driver includes a whole
 * Postgres client, which a Worker would load and never use.
 */
export function connectNeon(databaseUrl: string): Neon {
  const endpoint = endpointOf(new URL(databaseUrl));
  const headers = {
    "Neon-Connection-String": databaseUrl,
    "Neon-Raw-Text-Output": "true",
    "Neon-Array-Mode": "true",
  };
  const post = async (body: unknown): Promise<unknown> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(body), signal }).catch(
      () => {
        throw unreachable();
      },
    );
    const answer = await response.json().catch(() => null);
    if (response.status === 200 && answer !== null) return answer;
    const { code, constraint } = (answer ?? {}) as { code?: unknown; constraint?: string };
    // Any other status comes from a proxy before the database, and carries no SQLSTATE.
    if (response.status !== 400 || typeof code !== "string" || code === "") throw unreachable();
    throw Object.assign(new Error(`SQLSTATE ${code}`), { name: "StatementError", code, constraint });
  };
  return {
    ask: async (query) => toRows((await post(query)) as Answer),
    askAll: async (queries) => ((await post({ queries })) as { results: Answer[] }).results.map(toRows),
  };
}

/** A compute's host begins with another label than the host that takes HTTP. */
export const endpointOf = ({ hostname, port }: URL): string =>
  ["localhost", "127.0.0.1"].includes(hostname)
    ? `http://${hostname}:${port}/sql`
    : `https://${hostname.replace(/^[^.]+\./, "api.")}/sql`;

const unreachable = (): Unreachable =>
  Object.assign(new Error("the database did not answer"), { name: "Unreachable" } as const);

export const isStatementError = (error: unknown): error is StatementError =>
  error instanceof Error && error.name === "StatementError";

export const isUnreachable = (error: unknown): error is Unreachable =>
  error instanceof Error && error.name === "Unreachable";

const toRows = ({ fields, rows }: Answer): Row[] =>
  rows.map((values) => {
    const row: Row = {};
    for (const [index, { name, dataTypeID }] of fields.entries()) {
      const value = values[index] ?? null;
      row[name] = value === null ? null : (READERS[dataTypeID] ?? asText)(value);
    }
    return row;
  });

const asText = (value: string): string => value;

/**
 * How values of Postgres' types are read (oids of pg_type). All others stay text, including 64-bit integers and times.
 */
const READERS: Readonly<Record<number, (value: string) => unknown>> = {
  16: (value) => value === "t",
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  1009: readTexts,
  3802: JSON.parse,
};

/** An array of text: `{plain,"quo\"ted",NULL}` (Postgres documentation, "Array Input and Output Syntax"). */
function readTexts(value: string): (string | null)[] {
  return [...value.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/gs)].map(([item, quoted]) =>
    quoted === undefined ? (item === "NULL" ? null : item) : quoted.replaceAll(/\\(.)/gs, "$1"),
  );
}

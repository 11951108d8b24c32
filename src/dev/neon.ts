import { DatabaseError, Pool, type PoolClient } from "pg";
import { type NeonStandIn, startNeonWire, type WireQuery } from "./neon-wire.ts";
import { POSTGRES_USER, type PostgresServer } from "./postgres.ts";

/** Puts Neon's wire before one database of a Postgres server. `connections` is the most that it opens there. */
export async function startNeon(
  postgres: PostgresServer,
  database: string,
  port: number,
  connections = 60,
): Promise<NeonStandIn> {
  const pool = new Pool({
    host: "127.0.0.1",
    port: postgres.port,
    user: POSTGRES_USER,
    password: postgres.password,
    database,
    max: connections,
  });
  // An idle connection that breaks because the server stops is no error here.
  pool.on("error", () => {});
  const engine = {
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (query: WireQuery) => runQuery(client, query),
        release: (failed: boolean) => client.release(failed),
      };
    },
    refusalIn: (error: unknown) => (error instanceof DatabaseError ? { ...error, message: error.message } : null),
  };
  const wire = await startNeonWire(engine, { user: POSTGRES_USER, password: postgres.password, database, port });
  const stop = async () => {
    await wire.stop();
    await pool.end();
  };
  return { ...wire, stop };
}

/** Rows as arrays of text, as the driver asks for them (`Neon-Array-Mode`, `Neon-Raw-Text-Output`). */
async function runQuery(client: PoolClient, { query, params }: WireQuery) {
  const { fields, rows, command, rowCount } = await client.query({
    text: query,
    values: params,
    rowMode: "array",
    // As at Neon, one string holds only one statement (else 42601).
    queryMode: "extended",
    types: { getTypeParser: () => (value: string) => value },
  } as never);
  return { fields, rows, command, rowCount, rowAsArray: true };
}

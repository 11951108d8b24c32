import { randomBytes } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
import { type NeonStandIn, type SqlEngine, startNeonWire, type WireQuery } from "../dev/neon-wire.ts";
import { findFreePort } from "../dev/ports.ts";

type TestDatabase = NeonStandIn & { readonly engine: PGlite };

const BYTEA = 17;

/**
 * Postgres in this process, behind Neon's wire. It has only one connection, so requests wait for each other. Tests of
 * races need a real server.
 */
export async function startDatabase(dataDir: Blob | null): Promise<TestDatabase> {
  // Parameters and values pass as the text that Postgres itself uses.
  const asIs = (value: unknown) => String(value);
  const engine = await PGlite.create({
    serializers: { [BYTEA]: asIs },
    ...(dataDir ? { loadDataDir: dataDir } : {}),
  });
  for (const type of Object.keys(engine.parsers)) engine.parsers[Number(type)] = asIs;
  const address = { user: "gatehouse", password: randomBytes(18).toString("base64url"), database: "gatehouse" };
  const wire = await startNeonWire(oneAtATime(engine), { ...address, port: await findFreePort() });
  const stop = async () => {
    await wire.stop();
    await engine.close();
  };
  return { ...wire, engine, stop };
}

/** A connection has the engine to itself until it is released. */
function oneAtATime(engine: PGlite): SqlEngine {
  let last: Promise<unknown> = Promise.resolve();
  return {
    connect: async () => {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return {
        query: (query) => runQuery(engine, query),
        release: async (failed) => {
          if (failed) await engine.exec("rollback").catch(() => {});
          resolve();
        },
      };
    },
    refusalIn: (error) =>
      error instanceof Error && typeof (error as { code?: unknown }).code === "string"
        ? { ...error, message: error.message }
        : null,
  };
}

async function runQuery(engine: PGlite, { query, params }: WireQuery): Promise<object> {
  const { fields, rows, affectedRows } = await engine.query(query, params, { rowMode: "array" });
  return { fields, rows, rowCount: affectedRows ?? rows.length, rowAsArray: true };
}

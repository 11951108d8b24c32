import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { inject } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import { BY_INDEX, type Database } from "../../src/store/database.ts";
import type { Row } from "../../src/store/neon.ts";

/**
 * What a statement did, according to `auto_explain`. Each statement that a function or a foreign key runs has a plan of
 * its own.
 */
export type ExecutedPlan = {
  readonly query: string;
  /** The rows that its scans read, and among them those that every condition refused. */
  readonly rowsRead: number;
  /** The scans, to be shown by a failing test. */
  readonly scans: readonly string[];
};

type PlanNode = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
};

/** A connection to a database that records the plan of everything it executes. */
export async function connectExplained(databaseUrl: string) {
  const client = connectPostgres(inject("postgres"), new URL(databaseUrl).pathname.slice(1));
  await client.connect();
  const plans: ExecutedPlan[] = [];
  client.on("notice", ({ message = "" }) => {
    const json = /^duration: .* plan:\n(.*)$/s.exec(message)?.[1];
    if (json) plans.push(readPlan(JSON.parse(json)));
  });
  await client.query("load 'auto_explain'");
  const settings = {
    "auto_explain.log_min_duration": 0,
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    "auto_explain.log_parameter_max_length": 0,
  };
  for (const [name, value] of Object.entries(settings)) await client.query(`set ${name} = '${value}'`);

  const dialect = new PgDialect();
  const execute = async (statement: SQL): Promise<Row[]> => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return (await client.query(text, params)).rows;
  };
  const batch: Database["batch"] = async (statements) => {
    await client.query("begin");
    const results = [];
    for (const statement of statements) results.push(await execute(statement));
    await client.query("commit");
    return results;
  };
  const list = async (statement: SQL) => (await batch([BY_INDEX, statement]))[1];
  const db = { run: execute, read: execute, list, batch } as unknown as Database;

  return {
    db,
    /** The plans of what some work executes. */
    explain: async (work: (db: Database) => Promise<unknown>): Promise<readonly ExecutedPlan[]> => {
      plans.length = 0;
      await work(db);
      return [...plans];
    },
    end: () => client.end(),
  };
}

function readPlan(explained: { readonly "Query Text": string; readonly Plan: PlanNode }): ExecutedPlan {
  const scans = nodesOf(explained.Plan).filter((node) => /Scan$/.test(node["Node Type"]) && isOfTable(node));
  return {
    query: explained["Query Text"],
    rowsRead: scans.reduce((sum, node) => sum + rowsOf(node), 0),
    scans: scans.map((node) => `${node["Node Type"]} ${node["Index Name"] ?? node["Relation Name"]}: ${rowsOf(node)}`),
  };
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const isOfTable = (node: PlanNode): boolean => node["Relation Name"] !== undefined || node["Index Name"] !== undefined;

/** Rows are reported as an average over the loops. */
const rowsOf = (node: PlanNode): number =>
  (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0)) *
  node["Actual Loops"];

/** The rows that all of them read together. */
export const rowsRead = (plans: readonly ExecutedPlan[]): number => plans.reduce((sum, plan) => sum + plan.rowsRead, 0);

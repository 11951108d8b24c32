import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { explainError, findDatabaseUrlProblem } from "../cli/database-diagnosis.ts";
import { migrate } from "../cli/migrate.ts";
import { removeRunning, writeRunning } from "../cli/running-dev.ts";
import { createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { inviteFirstOwner } from "../flows/admin/setup-links.ts";
import { claimFolder, dataFolder } from "./data-folder.ts";
import { prepareIssues } from "./issues-example.ts";
import { type LocalServices, type Services, startLocalServices } from "./local-services.ts";
import { becomesFree } from "./ports.ts";
import { startStack } from "./stack.ts";
import { readState, writeState } from "./state.ts";
import { projectFile } from "./workerd.ts";

const USAGE = `npm run dev -- [--port N] [--data DIR] [--limits off]

  --port N      where Gatehouse listens; the examples and two providers are the four above (8787)
  --data DIR    where data is kept, :memory: for nowhere (.gatehouse)
  --limits off  no rate limits, for load tests
  --yes         migrate the database that DATABASE_URL names without asking

With DATABASE_URL, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, those services are used instead of stand-ins.`;

const { values, port } = readArguments();

const cleanUps: (() => Promise<unknown>)[] = [];
const stop = onceOnly(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp().catch(() => {});
  process.exit();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

try {
  await start();
} catch (error) {
  console.error(`\n${await explainError(error as Error, process.env["DATABASE_URL"])}`);
  process.exitCode = 1;
  await stop();
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8787" },
        data: { type: "string", default: projectFile(".gatehouse") },
        limits: { type: "string", default: "on" },
        yes: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_531) throw new Error("A port is a number from 1 to 65531.");
    if (!["on", "off"].includes(values.limits)) throw new Error("Limits are on or off.");
    if (!values.help) return { values, port };
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const folder = values.data === ":memory:" ? null : await dataFolder(resolve(values.data));
  if (folder) cleanUps.push(await claimFolder(folder));
  for (let wanted = port; wanted < port + 5; wanted++) {
    if (!(await becomesFree(wanted))) throw new Error(`Port ${wanted} is taken. Choose another with -- --port N.`);
  }
  await mayMigrate(process.env["DATABASE_URL"]);
  const services = await findServices(folder);
  if ("stop" in services) cleanUps.push(services.stop);
  await migrate(services.databaseUrl);
  const state = await readState(folder);
  const issues = await prepareIssues({ services, state, issuer: `http://localhost:${port}`, port: port + 2 });
  cleanUps.push(issues.stop);
  const stack = await startStack({
    services,
    state,
    port,
    vars: values.limits === "off" ? { LIMITS: "off" } : {},
    beside: [issues.worker],
    onLog: ({ level, message }) => console.log(`  ${level} ${message}`),
  });
  cleanUps.push(stack.stop);
  const { uri } = stack.resource;
  const credentials = [stack.resource, issues.resource].map(({ uri, id, secret }) => [uri, { id, secret }]);
  await writeState(folder, { ...state, credentials: { ...state.credentials, ...Object.fromEntries(credentials) } });
  await writeRunning({
    pid: process.pid,
    issuer: stack.issuer,
    databaseUrl: services.databaseUrl,
    serverKey: state.serverKey,
    vaultKey: state.vaultKey,
    redisUrl: services.redisUrl,
    redisToken: services.redisToken,
  });
  cleanUps.push(removeRunning);
  const invitation = await inviteFirstOwner(
    await createOperatorDeps(services.databaseUrl, state.serverKey),
    stack.issuer,
  );
  console.log(`
  Gatehouse        ${stack.issuer}
  Example server   ${uri}
  Linked accounts  ${issues.resource.uri} uses your account at a stand-in for
                   GitHub on this machine, where any name signs in
  Data             ${folder ?? "in memory, gone at the end"}

${invitation ? howToBegin(invitation.url) : ""}  Give an MCP client this URL, and sign in when the browser opens:
    ${uri}

  Ctrl-C stops everything.
`);
}

function howToBegin(url: string): string {
  return `  Use this link, which works once, to become the owner:
    ${url}

`;
}

/** A shell may hold the DATABASE_URL of a deployment. Trying something out must not change that schema. */
async function mayMigrate(databaseUrl: string | undefined): Promise<void> {
  if (!databaseUrl || values.yes) return;
  const problem = findDatabaseUrlProblem(databaseUrl);
  if (problem) throw new Error(problem);
  const { hostname, pathname } = new URL(databaseUrl);
  if (["localhost", "127.0.0.1"].includes(hostname)) return;
  const question = `DATABASE_URL names ${hostname}${pathname}. This would migrate it and add the examples to it.`;
  if (!process.stdin.isTTY) throw new Error(`${question} Add --yes to confirm, or unset DATABASE_URL.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Continue? (y/N) `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new Error("Nothing was changed. Unset DATABASE_URL to use a database here.");
}

/** Real services if the environment names them, stand-ins otherwise. */
async function findServices(folder: string | null): Promise<Services | LocalServices> {
  const { DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = process.env;
  const redis = UPSTASH_REDIS_REST_URL && UPSTASH_REDIS_REST_TOKEN;
  if (DATABASE_URL && redis) {
    return { databaseUrl: DATABASE_URL, redisUrl: UPSTASH_REDIS_REST_URL, redisToken: UPSTASH_REDIS_REST_TOKEN };
  }
  const local = await startLocalServices(folder);
  return {
    ...local,
    ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
    ...(redis ? { redisUrl: UPSTASH_REDIS_REST_URL, redisToken: UPSTASH_REDIS_REST_TOKEN } : {}),
  };
}

function onceOnly(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work();
    return running;
  };
}

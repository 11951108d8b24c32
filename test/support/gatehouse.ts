import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, expect, inject, onTestFinished, TestRunner } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { type LocalServices, startWires } from "../../src/dev/local-services.ts";
import type { WorkerLog } from "../../src/dev/miniflare.ts";
import { type Person, signInOn } from "../../src/dev/person.ts";
import { createPostgresDatabase, dropPostgresDatabase } from "../../src/dev/postgres.ts";
import { gatehouseWorker } from "../../src/dev/stack.ts";
import { type Outbound, projectFile, type WorkerSpec } from "../../src/dev/workerd.ts";
import { type AdminDeps, createOperatorDeps } from "../../src/flows/admin/admin-deps.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { hashPassword } from "../../src/lib/password.ts";
import { mintToken } from "../../src/lib/token.ts";
import { TOKEN_KIND } from "../../src/oauth/token-kind.ts";
import { createRedis } from "../../src/store/redis.ts";
import { insertSession, type SignInProof } from "../../src/store/sessions.ts";
import { findUserByEmail, insertUser } from "../../src/store/users.ts";
import "./lower-costs.ts";
import { keepBuiltWorkers } from "./bundles.ts";
import { borrowWorker } from "./lent-workers.ts";
import { expectNoSecretsIn } from "./secrets.ts";
import { startOrBorrow } from "./stacks.ts";

export type GatehouseOptions = {
  readonly vars?: Readonly<Record<string, string>>;
  readonly outbound?: Outbound;
  readonly beside?: readonly WorkerSpec[];
  /**
   * Whether the example MCP server runs beside it. Otherwise only a resource with `mcp:tools`, `mcp:resources` and
   * `mcp:prompts` is registered.
   */
  readonly example?: boolean;
  /** The path of its origin under which it lives. */
  readonly issuerPath?: string;
  /** Uses the production entry instead of the one whose clock can be moved. */
  readonly production?: boolean;
  /** Another entry than those two. */
  readonly entry?: string;
};

export type User = Person & { readonly id: string };

export type Gatehouse = {
  readonly issuer: string;
  readonly resource: { readonly id: string; readonly uri: string; readonly secret: string };
  readonly services: LocalServices;
  readonly owner: AdminDeps;
  readonly logs: readonly WorkerLog[];
  readonly serverKey: string;
  readonly vaultKey: string;
  /** Adds something that the log must not contain at the end. */
  keepSecret(list: () => readonly string[]): void;
  /** Adds a person. All of them have the same password. */
  addPerson(email?: string): Promise<User>;
  /** Adds a person who is an owner. */
  addOwner(email?: string): Promise<User>;
  /** A browser in which somebody is signed in, without using the page and without a hash. */
  signedInBrowser(person: Pick<Person, "email">): Promise<HeadlessBrowser>;
  /** A browser in which somebody signs in on the page, and which is known from then on. */
  signInBrowser(person: Person): Promise<HeadlessBrowser>;
};

/** A browser that nobody else uses. Its time can be moved, and the test controls its contents. */
export type OwnGatehouse = Gatehouse & {
  /** Sets the Worker's clock this far ahead of the real one. */
  moveClock(seconds: number): Promise<void>;
  /** Moves it to the beginning of a minute, when limits begin to count. */
  startMinute(): Promise<void>;
  /**
   * Runs another Worker on the same database, in an isolate of its own, with other variables. Returns where it listens.
   * Its issuer is the same, unless the variables say otherwise. Call it at the top of a file.
   */
  startAnother(vars?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs the clean-up. By default it doesn't rest, even if the last run found nothing. */
  runScheduled(may?: { readonly rest: boolean }): Promise<void>;
};

export const PASSWORD = "Correct horse 1";
const PASSWORD_HASH = await hashPassword(PASSWORD);

keepBuiltWorkers(inject("workers"));

/**
 * A Gatehouse of one test file or test: database, Redis, and what the Worker remembers. It ends with that file or test, and
 * its log must hold no secret then.
 */
export async function startGatehouse(options: GatehouseOptions = {}): Promise<OwnGatehouse> {
  const { gatehouse, stop, expectNoSecrets } = await runGatehouse(options);
  const atEnd = TestRunner.getCurrentTest() ? onTestFinished : afterAll;
  atEnd(async () => {
    await stop();
    expectNoSecrets();
  });
  return gatehouse;
}

export type RunningGatehouse = {
  readonly gatehouse: OwnGatehouse;
  readonly stop: () => Promise<void>;
  /** Fails if its log holds one. */
  readonly expectNoSecrets: () => void;
};

/** A Gatehouse that runs until it is stopped. */
export async function runGatehouse(options: GatehouseOptions = {}): Promise<RunningGatehouse> {
  const postgres = { ...inject("postgres"), stop: async () => {} };
  const database = `test_${randomBytes(6).toString("hex")}`;
  await createPostgresDatabase(postgres, database, "gatehouse_template");
  const engine = process.env["TEST_REDIS"] === "redis-server" ? "redis-server" : "embedded";
  const services = await startWires(postgres, database, engine, inject("connections"));
  // Refusals are recorded a second later, and would count for another request.
  services.neon.uncount("insert into refused_requests");
  const [serverKey = "", vaultKey = ""] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64url"));
  const logs: WorkerLog[] = [];
  const secretLists: (() => readonly string[])[] = [];
  const state = { serverKey, vaultKey, credentials: {} };
  const vars = { LIMITS: "off", ...options.vars };
  const worker = {
    ...(options.production ? {} : { entry: options.entry ?? projectFile("src/dev/clock-worker.ts") }),
    ...(options.outbound ? { outbound: options.outbound } : {}),
  };
  const onLog = (log: WorkerLog) => void logs.push(log);
  const stack = await startOrBorrow(options, {
    ...{ services, state, vars, onLog },
    ...worker,
    ...(options.issuerPath ? { issuerPath: options.issuerPath } : {}),
    ...(options.example ? {} : { resourceDocument: join(import.meta.dirname, "gatehouse.resource.json") }),
    ...(options.beside ? { beside: options.beside } : {}),
  });
  const end = async () => {
    await services.stop();
    await dropPostgresDatabase(postgres, database);
  };
  const { issuer } = stack;
  const startAnother = async (others: Readonly<Record<string, string>> = {}) => {
    const { port, setEnvironment, giveBack } = await borrowWorker({ onLog, outbound: options.outbound });
    const { bindings } = gatehouseWorker({ services, state, port, issuer, vars: { ...vars, ...others } });
    await setEnvironment(bindings);
    afterAll(giveBack);
    return `http://localhost:${port}`;
  };
  const owner = await createOperatorDeps(services.databaseUrl, serverKey, [vaultKey]);

  let ahead = 0;
  const moveClock = async (seconds: number): Promise<void> => {
    ahead = seconds * 1000;
    await fetch(`${stack.issuer}/__clock`, { method: "POST", body: String(seconds * 1000) });
  };

  const addUser = async (role: "owner" | "member", email = `${randomBytes(5).toString("hex")}@example.com`) => {
    const inserted = await insertUser(owner.db, { email, role, passwordHash: PASSWORD_HASH }, owner.actor);
    if (!inserted) throw new Error(`there is a ${email} already`);
    return { ...inserted, email, password: PASSWORD };
  };

  const gatehouse: OwnGatehouse = {
    issuer,
    resource: stack.resource,
    services,
    owner,
    logs,
    serverKey,
    vaultKey,
    keepSecret: (list) => void secretLists.push(list),
    startAnother,
    addPerson: (email) => addUser("member", email),
    addOwner: (email) => addUser("owner", email),
    signedInBrowser: async ({ email }) => {
      const token = await mintToken(owner.keys, TOKEN_KIND.session);
      const user = await findUserByEmail(owner.db, email);
      const session = {
        digest: await sha256(token),
        replaces: null,
        userAgent: "node",
        lifetimeSeconds: 30 * 24 * 3600,
      };
      const proof = {
        method: "password",
        userId: user?.id ?? "",
        verifiedHash: user?.passwordHash ?? null,
        newHash: null,
      };
      const actor = { ...owner.actor, now: new Date(Date.now() + ahead) };
      expect(await insertSession(owner.db, session, proof as SignInProof, actor)).toBe(true);
      const browser = createHeadlessBrowser();
      browser.cookies.set("gatehouse_session", token);
      return browser;
    },
    signInBrowser: async (person) => {
      const browser = createHeadlessBrowser();
      await signInOn(browser, await browser.open(`${stack.issuer}/login`), person);
      return browser;
    },
    moveClock,
    startMinute: () => moveClock(61 - ((Date.now() / 1000) % 60)),
    runScheduled: async (may) => {
      if (!may?.rest) await createRedis(services.redisUrl, services.redisToken).ask("DEL", "clean-up");
      await stack.scheduled("gatehouse");
    },
  };

  return {
    gatehouse,
    stop: async () => {
      await stack.stop();
      // What the Worker still writes after its last answer, a second later, is for this database.
      setTimeout(() => void end().catch(() => {}), 3000).unref();
    },
    expectNoSecrets: () =>
      expectNoSecretsIn(logs, [
        ...[serverKey, vaultKey, services.databaseUrl, services.redisToken, PASSWORD],
        ...secretLists.flatMap((list) => list()),
      ]),
  };
}

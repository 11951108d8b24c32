import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { findFreePort } from "../../../src/dev/ports.ts";
import { projectFile } from "../../../src/dev/workerd.ts";
import { type AdminDeps, createOperatorDeps } from "../../../src/flows/admin/admin-deps.ts";
import { applyResource } from "../../../src/flows/admin/apply-resource.ts";
import { createClient } from "../../../src/flows/admin/create-client.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeHex } from "../../../src/lib/hex.ts";
import { mintToken } from "../../../src/lib/token.ts";
import { TOKEN_KIND } from "../../../src/oauth/token-kind.ts";
import { insertUser } from "../../../src/store/users.ts";
import type { Child } from "../child.ts";
import type { StandIns } from "../stand-ins/process.ts";
import { startWorkerd, type WorkerdOptions } from "../workerd.ts";
import { basic, CHALLENGE, type Contestant, form, json, REDIRECT_URI, send, toGrant } from "./contestant.ts";

/** The minimal cost of a Worker that asks the database, in the same workerd. */
export type Floor = { readonly origin: string };

export type Gatehouse = Contestant & {
  readonly floor: Floor;
  readonly owner: AdminDeps;
  readonly userId: string;
  readonly clientId: string;
  readonly serverKey: string;
};

const LIMITS = [
  "LOGIN",
  "TOKEN",
  "TOKEN_ADDRESS",
  "REGISTER",
  "REGISTER_ADDRESS",
  "REGISTER_DAY",
  "OTHER",
  "OTHER_ADDRESS",
];
const UNLIMITED = Object.fromEntries(
  [...LIMITS.map((name) => `LIMIT_${name}`), "LIMIT_TOOL_CALLS", "MAX_UNUSED_CLIENTS"].map((name) => [
    name,
    "999999999",
  ]),
);

/** Gatehouse in production's bundle with its limits on, but too high to stop anything. */
export async function startGatehouse(standIns: Child<StandIns>, options: WorkerdOptions = {}): Promise<Gatehouse> {
  const { databaseUrl, redisUrl, redisToken } = await standIns.ask("describe");
  const port = await findFreePort(2);
  const origin = `http://localhost:${port}`;
  const serverKey = randomBytes(32).toString("base64url");
  const stores = { DATABASE_URL: databaseUrl, UPSTASH_REDIS_REST_URL: redisUrl, UPSTASH_REDIS_REST_TOKEN: redisToken };
  const bindings = {
    ENVIRONMENT: "development",
    ISSUER: origin,
    SERVER_KEY: serverKey,
    CORS_ORIGINS: "none",
    ...stores,
    ...UNLIMITED,
  };
  const workerd = await startWorkerd(
    [
      { name: "gatehouse", entry: projectFile("src/worker.ts"), port, bindings },
      { name: "floor", entry: projectFile("test/bench/floor-worker.ts"), port: port + 1, bindings: stores },
    ],
    options,
  );
  const owner = await createOperatorDeps(databaseUrl, serverKey);
  const document = await readFile(projectFile("test/support/gatehouse.resource.json"), "utf8");
  const uri = "https://mcp.example/mcp";
  const resource = await applyResource(owner, document, { uri, isDefault: true });
  const user = await insertUser(
    owner.db,
    { email: "person@example.com", role: "owner", passwordHash: null },
    owner.actor,
  );
  const metadata = {
    client_name: "Bench",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const { client_id: clientId } = JSON.parse((await send(origin, json("/register", metadata))).text) as {
    client_id: string;
  };
  const machine = await createClient(
    owner,
    { client_name: "Job", grant_types: ["client_credentials"], scope: "mcp:tools" },
    [],
    uri,
  );
  if (!("secret" in resource) || !user || "problem" in machine) throw new Error("Gatehouse could not be set up");
  const atToken = (fields: Record<string, string>) => form("/token", { client_id: clientId, ...fields });
  return {
    name: "Gatehouse",
    version: JSON.parse(await readFile(projectFile("package.json"), "utf8")).version,
    origin,
    pid: workerd.pid,
    floor: { origin: `http://localhost:${port + 1}` },
    owner,
    userId: user.id,
    clientId,
    serverKey,
    grant: async (count) => {
      const codes = await Promise.all(
        Array.from({ length: count }, () => mintToken(owner.keys, TOKEN_KIND.authorizationCode)),
      );
      const digests = await Promise.all(codes.map(async (code) => encodeHex(await sha256(code))));
      await owner.db.run(sql`
        insert into authorization_codes (digest, client_id, user_id, resource_id, scopes, redirect_uri, code_challenge, expires_at)
        select decode(digest, 'hex'), ${clientId}::text, ${user.id}::uuid, ${resource.id}::text, '{mcp:tools}', ${REDIRECT_URI}::text,
          ${CHALLENGE}::text, now() + interval '1 hour' from unnest(${sql.param(digests)}::text[]) digest`);
      return codes.map(toGrant);
    },
    calls: {
      exchange: ({ code, verifier, redirectUri }) =>
        atToken({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri }),
      refresh: (token) => atToken({ grant_type: "refresh_token", refresh_token: token }),
      verify: (token) => form("/introspect", { token }, basic(resource.id, resource.secret)),
      machine: () =>
        form("/token", { grant_type: "client_credentials" }, basic(machine.clientId, machine.clientSecret ?? "")),
      register: () => json("/register", metadata),
      revoke: (token) => form("/revoke", { client_id: clientId, token }),
    },
    stop: workerd.stop,
  };
}

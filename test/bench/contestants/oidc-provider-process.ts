import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { Pool } from "pg";
import { answerParent } from "../child.ts";
import { CHALLENGE, REDIRECT_URI } from "./contestant.ts";

const [, , databaseUrl = "", port = "0"] = process.argv;
const pool = new Pool({ connectionString: databaseUrl, max: 20 });
await pool.query(`
  create table if not exists oidc_payloads (
    id text, type text, payload jsonb not null, grant_id text, user_code text, uid text, expires_at timestamptz, consumed_at timestamptz,
    primary key (id, type));
  create index on oidc_payloads (grant_id);
  create index on oidc_payloads (uid);`);

type Payload = Record<string, unknown> & {
  readonly grantId?: string;
  readonly userCode?: string;
  readonly uid?: string;
};

/** The Postgres adapter that its documentation links to, with one statement for each of its methods. */
class PostgresAdapter {
  readonly type: string;
  constructor(type: string) {
    this.type = type;
  }
  async upsert(id: string, payload: Payload, expiresIn?: number) {
    await pool.query(
      `insert into oidc_payloads (id, type, payload, grant_id, user_code, uid, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + $7::int * interval '1 second')
       on conflict (id, type) do update set payload = $3, grant_id = $4, user_code = $5, uid = $6, expires_at = excluded.expires_at`,
      [
        id,
        this.type,
        payload,
        payload.grantId ?? null,
        payload.userCode ?? null,
        payload.uid ?? null,
        expiresIn ?? null,
      ],
    );
  }
  find(id: string) {
    return this.#findBy("id", id);
  }
  findByUid(uid: string) {
    return this.#findBy("uid", uid);
  }
  findByUserCode(userCode: string) {
    return this.#findBy("user_code", userCode);
  }
  async consume(id: string) {
    await pool.query("update oidc_payloads set consumed_at = now() where id = $1 and type = $2", [id, this.type]);
  }
  async destroy(id: string) {
    await pool.query("delete from oidc_payloads where id = $1 and type = $2", [id, this.type]);
  }
  async revokeByGrantId(grantId: string) {
    await pool.query("delete from oidc_payloads where grant_id = $1", [grantId]);
  }
  async #findBy(column: string, value: string) {
    const { rows } = await pool.query(
      `select payload, consumed_at from oidc_payloads where ${column} = $1 and type = $2 and (expires_at is null or expires_at > now())`,
      [value, this.type],
    );
    const [row] = rows as { payload: Payload; consumed_at: Date | null }[];
    return row && { ...row.payload, ...(row.consumed_at ? { consumed: true } : {}) };
  }
}

const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  adapter: PostgresAdapter,
  clients: [],
  cookies: { keys: ["bench"] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    registration: { enabled: true },
    revocation: { enabled: true, allowedPolicy: async () => true },
  },
  findAccount: async (_context: unknown, accountId: string) => ({
    accountId,
    claims: async () => ({ sub: accountId }),
  }),
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  scopes: ["openid", "offline_access", "mcp:tools"],
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 600,
    ClientCredentials: 3600,
    Grant: 30 * 24 * 3600,
    RefreshToken: 30 * 24 * 3600,
  },
});

const server = createServer(provider.callback());
server.keepAliveTimeout = 0;
await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));

const methods = {
  describe: async () => (server.address() as AddressInfo).port,
  /** Codes as its own authorization endpoint issues them after a person's consent. */
  grant: async (clientId: string, count: number) => {
    const client = await provider.Client.find(clientId);
    const codes: string[] = [];
    for (let issued = 0; issued < count; issued++) {
      const grant = new provider.Grant({ accountId: "person", clientId });
      grant.addOIDCScope("offline_access mcp:tools");
      const code = new provider.AuthorizationCode({
        accountId: "person",
        client,
        grantId: await grant.save(),
        scope: "offline_access mcp:tools",
        redirectUri: REDIRECT_URI,
        codeChallenge: CHALLENGE,
        codeChallengeMethod: "S256",
        authTime: Math.floor(Date.now() / 1000),
        gty: "authorization_code",
      });
      codes.push(await code.save());
    }
    return codes;
  },
};

export type OidcProviderProcess = typeof methods;

answerParent(methods);

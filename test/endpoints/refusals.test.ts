import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { mintToken } from "../../src/lib/token.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { basic, postForm, registerClient } from "../support/oauth-client.ts";
import { cookieOf } from "../support/pages.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const NAME = "client_authentication_failed";
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

/** Somebody who knows the id of a confidential client, and no secret of it. */
const pose = async (clientId: string, address: string, endpoint = "token") =>
  postForm(
    `${issuer}/${endpoint}`,
    {
      grant_type: "refresh_token",
      refresh_token: await mintToken(owner.keys, "gthr"),
      token: await mintToken(owner.keys, "gthr"),
    },
    {
      ...basic(clientId, await mintToken(owner.keys, "gths")),
      "CF-Connecting-IP": address,
    },
  );

type Row = { clientId: string | null; address: string | null; count: number };
const rows = () =>
  owner.db.read<Row>(
    sql`select client_id as "clientId", address, count from audit_events where name = ${NAME} order by id`,
  );

/** `times` requests, a few at once. */
async function repeat(times: number, send: (n: number) => Promise<Response>): Promise<void> {
  for (let n = 0; n < times; n += 20) {
    const sent = Array.from({ length: Math.min(20, times - n) }, (_, index) => send(n + index));
    for (const response of await Promise.all(sent)) expect(response.status).toBe(401);
  }
  await settled();
}

beforeEach(async () => {
  await owner.db.run(sql`delete from audit_events where name = ${NAME}`);
  await owner.db.run(sql`delete from audit_days where name = ${NAME}`);
  await gatehouse.startMinute();
});

describe("Outages: refusals", () => {
  test("Outages: equal refusals of an address share one row a minute, with a count, even if they come at once", async () => {
    const { client_id: clientId } = await registerClient(gatehouse, {
      token_endpoint_auth_method: "client_secret_basic",
    });
    await repeat(60, () => pose(clientId, "192.0.2.1"));
    await repeat(20, () => pose(clientId, "192.0.2.1", "revoke"));
    await repeat(3, () => pose(clientId, "192.0.2.2"));
    expect(await rows()).toEqual(
      expect.arrayContaining([
        { clientId, address: "192.0.2.1", count: 80 },
        { clientId, address: "192.0.2.2", count: 3 },
      ]),
    );
    expect(await rows()).toHaveLength(2);
  });

  test("Outages: the owner sees how often a refusal happened", async () => {
    const person = await gatehouse.addOwner();
    const browser = await gatehouse.signedInBrowser(person);
    const { client_id: clientId } = await registerClient(gatehouse, {
      token_endpoint_auth_method: "client_secret_basic",
    });
    await repeat(40, () => pose(clientId, "192.0.2.3"));
    const log = await browser.open(`${issuer}/admin/audit?event=${NAME}`);
    expect(log.html.querySelector("tbody")?.textContent).toMatch(/Wrong secret for Test client, 40 times/);
    const overview = await browser.open(`${issuer}/admin`);
    const chart = overview.html.querySelectorAll("figure").find((each) => each.textContent.includes("Refused"));
    expect(chart?.querySelector("strong")?.textContent).toBe("40");
    const headers = cookieOf(browser);
    const exported = await fetch(`${issuer}/admin/audit.ndjson?event=${NAME}`, { headers });
    const lines = (await exported.text()).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).count)).toEqual([40]);
  });

  test("Outages: an address has 60 rows an hour, and one more that counts the rest", async () => {
    const clients = await Promise.all(
      Array.from({ length: 80 }, () =>
        registerClient(gatehouse, {
          token_endpoint_auth_method: "client_secret_basic",
        }),
      ),
    );
    for (const [n, { client_id }] of clients.entries()) {
      expect((await pose(client_id, "192.0.2.4")).status).toBe(401);
      // A refusal that is recorded at the same time as another may be one too many.
      await vi.waitUntil(async () => (await rows()).reduce((sum, { count }) => sum + count, 0) === n + 1, {
        interval: 5,
      });
    }
    const counted = await rows();
    expect(counted).toHaveLength(61);
    expect(counted.at(-1)).toEqual({
      clientId: null,
      address: "192.0.2.4",
      count: 20,
    });
    await repeat(1, () => pose(clients[0]?.client_id ?? "", "192.0.2.5"));
    expect((await rows()).at(-1)).toEqual({
      clientId: clients[0]?.client_id,
      address: "192.0.2.5",
      count: 1,
    });
  });

  test("Outages: all addresses together have 600 rows an hour, and one more that counts the rest", async () => {
    const { client_id: clientId } = await registerClient(gatehouse, {
      token_endpoint_auth_method: "client_secret_basic",
    });
    await owner.db.run(sql`
      insert into audit_events (at, name, address, counted_since, bucket)
      select now(), ${NAME}, 'x', date_trunc('hour', now() + interval '61 seconds', 'UTC'), sha256(n::text::bytea)
      from generate_series(1, 598) n`);
    for (let n = 1; n <= 10; n++) await repeat(1, () => pose(clientId, `198.51.100.${n}`));
    const counted = await rows();
    expect(counted).toHaveLength(601);
    expect(counted.at(-1)).toEqual({ clientId: null, address: null, count: 8 });
  });
});

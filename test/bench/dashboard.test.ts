import { sql } from "drizzle-orm";
import { test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";

const ROWS = Number(process.env["BENCH_ROWS"] ?? 100_000);
const RUNS = 15;

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;

/** A deployment with a hundred thousand of everything. */
async function fill(): Promise<void> {
  const many = sql`generate_series(1, ${ROWS}::int) n`;
  await owner.db.run(sql`
    insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods,
      fingerprint, created_at)
    select 'client_' || md5(n::text), 'dynamic', 'App ' || n, '{https://a.example/cb}', '{authorization_code}', 'web',
      '{none}', '\\x00', now() - n * interval '1 minute' from ${many}`);
  await owner.db.run(
    sql`insert into users (email, role) select 'person' || n || '@example.com', 'member' from ${many}`,
  );
  await owner.db.run(sql`
    insert into resources (id, uri, name) select 'r' || n, 'https://' || n || '.example/mcp', 'Server ' || n from ${many}`);
  await owner.db.run(sql`
    insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at)
    select gen_random_uuid(), u.id, 'client_' || md5((n % 100 + 1)::text), 'r1', '{mcp:tools}', 'none',
      now() - n * interval '1 second', now() + interval '1 day'
    from ${many}, (select id from users order by email limit 1) u`);
  await owner.db.run(sql`
    insert into audit_events (at, name, client_id, user_id)
    select now() - n * interval '10 seconds', (array['signed_in', 'token_refreshed', 'code_redeemed'])[n % 3 + 1],
      'client_' || md5((n % 1000)::text), null from ${many}`);
  await owner.db.run(sql`analyze`);
}

test("pages of lists at many rows", { timeout: 300_000 }, async () => {
  const person = await gatehouse.addPerson("aaaa@example.com");
  await owner.db.run(sql`update users set role = 'owner' where id = ${person.id}`);
  await fill();
  await owner.db.run(sql`update token_families set user_id = ${person.id}`);
  const browser = await gatehouse.signedInBrowser(person);
  const figures: Record<string, string> = {};
  for (const path of [
    "/account",
    "/account?ended",
    "/admin",
    "/admin/resources",
    "/admin/clients",
    "/admin/clients?search=App%2099",
    "/admin/clients?search=nothing",
    "/admin/people",
    "/admin/people?search=nobody",
    "/admin/audit",
    "/admin/audit?event=signed_out",
    "/admin/audit?client=client_c4ca4238a0b923820dcc509a6f75849b",
    "/admin/audit?user=aaaa@example.com",
  ]) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const page = await browser.open(issuer + path);
      if (page.status !== 200) throw new Error(`${path} answered ${page.status}`);
      times.push(performance.now() - started);
    }
    figures[path] = `${times.sort((a, b) => a - b)[Math.floor(RUNS / 2)]?.toFixed(0)} ms`;
  }
  console.log(`Median of ${RUNS}, at ${ROWS} rows a table:\n${JSON.stringify(figures, null, 2)}`);
});

import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { addIssuer } from "../../src/flows/admin/issuers.ts";
import { JWT_BEARER_GRANT } from "../../src/oauth/grant-type.ts";
import { consumeAssertion } from "../../src/store/assertions.ts";
import { deleteTrustedIssuer, disableIssuer, enableIssuer } from "../../src/store/trusted-issuers.ts";
import { disableUser } from "../../src/store/user-status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { makeKey } from "../support/issuer.ts";
import { assertionAbout } from "../support/issuer-statements.ts";
import { PAUSES, pauseAt, ROUNDS } from "../support/races.ts";
import { createParty, digest, issuedTo, LIFETIMES, newTokens, operator } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;

let count = 0;
/** An issuer by which everybody may join, and a client for its assertions. */
async function parties() {
  const name = `i${++count}`;
  const key = await makeKey("ES256");
  await addIssuer(gatehouse.owner, {
    ...{ name, issuer: `https://${name}.example`, jwks: { keys: [key.jwk] }, vouches: true, tenant: null },
    ...{ linksAddresses: false, joining: ["everybody"], refreshes: true },
  });
  const party = await createParty(gatehouse);
  await db.run(
    sql`update clients set grant_types = array[${JWT_BEARER_GRANT}, 'refresh_token'] where id = ${party.clientId}`,
  );
  const [issuer] = await db.read<{ id: string }>(sql`select id from trusted_issuers where name = ${name}`);
  return { name, issuerId: issuer?.id ?? "", ...party };
}

const times = <T>(n: number, work: (each: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));
const someTime = async <T>(work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
  return work();
};
const liveFamilies = async (issuerId: string): Promise<number> => {
  const [row] = await db.read<{ live: number }>(sql`
    select count(*)::int as live from token_families where issuer_id = ${issuerId}::uuid and revoked_at is null`);
  return row?.live ?? -1;
};

describe.each(PAUSES)("races of assertions, sleeping at %s", (pause) => {
  test(`T2 an assertion that is sent many times at once gets one token and makes one person (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const world = await parties();
      const grant = digest();
      const redeem = (subject: string, digestOf = grant) =>
        consumeAssertion(world.db, assertionAbout(world, subject, digestOf), newTokens(), LIFETIMES, operator());
      const answers = await times(10, () => someTime(() => redeem("ada")));
      expect(answers.filter((answer) => issuedTo(answer) !== null)).toHaveLength(1);
      for (const answer of await times(6, () => someTime(() => redeem("bob", digest()))))
        expect(issuedTo(answer)).not.toBeNull();
      const [people] = await db.read(sql`
        select count(*)::int as subjects, count(distinct user_id)::int as people from issuer_subjects where issuer_id = ${world.issuerId}::uuid`);
      expect(people).toEqual({ subjects: 2, people: 2 });
    }
  });

  test(`T7 no token outlives its issuer or person that is turned off, removed or disabled meanwhile (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const world = await parties();
      const redeem = () => consumeAssertion(world.db, assertionAbout(world, "ada"), newTokens(), LIFETIMES, operator());
      expect(issuedTo(await redeem())).not.toBeNull();
      const [{ email } = { email: "" }] = await db.read<{ email: string }>(sql`
        select u.email from issuer_subjects s join users u on u.id = s.user_id where s.issuer_id = ${world.issuerId}::uuid`);
      const ends = [
        () => disableIssuer(db, world.name, operator()),
        () => deleteTrustedIssuer(db, world.name, operator()),
        () => disableUser(db, email, operator()),
      ];
      const end = ends[(round + count) % ends.length] ?? redeem;
      await Promise.all([times(6, () => someTime<unknown>(redeem)), someTime<unknown>(end)]);
      expect(await liveFamilies(world.issuerId)).toBe(0);
      expect(issuedTo(await redeem())).toBeNull();
      await enableIssuer(db, world.name, operator());
      expect(await liveFamilies(world.issuerId)).toBe(0);
    }
  });
});

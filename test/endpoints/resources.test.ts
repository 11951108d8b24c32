import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { addResource, changeResource, rotateResourceCredential } from "../../src/flows/admin/resources.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { basic, grantTokens, postForm, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;

test("design §5: a new default resource takes the place of the old one", async () => {
  const added = await addResource(owner, { uri: "https://second.example", name: "", scopes: [], isDefault: true });
  expect(added).toMatchObject({ uri: "https://second.example" });
  const rows = await owner.db.read(sql`select uri from resources where is_default`);
  expect(rows).toEqual([{ uri: "https://second.example" }]);
});

test("design §5: of defaults that are added at once one is left", async () => {
  const added = await Promise.all(
    [1, 2, 3, 4, 5].map((n) =>
      addResource(owner, { uri: `https://at-once-${n}.example`, name: "", scopes: [], isDefault: true }),
    ),
  );
  for (const each of added) expect(each).toHaveProperty("id");
  expect(await owner.db.read(sql`select uri from resources where is_default`)).toHaveLength(1);
});

test("design §5: a change of a resource that is not there leaves the default alone", async () => {
  const before = await owner.db.read(sql`select uri from resources where is_default`);
  const change = { name: "x", isDefault: true, maxFamilySeconds: null, scopes: [] };
  expect(await changeResource(owner, "nothing", change)).toHaveProperty("problem");
  expect(await owner.db.read(sql`select uri from resources where is_default`)).toEqual(before);
});

test("design §5: of credentials that are rotated at once, the last two work", async () => {
  const { uri } = gatehouse.resource;
  const client = await registerClient(gatehouse);
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const { access_token: token } = await grantTokens(gatehouse, browser, client, { resource: uri });
  const rotated = await Promise.all([1, 2, 3, 4, 5].map(() => rotateResourceCredential(owner, uri)));
  const statuses = await Promise.all(
    rotated.map(async (credential) => {
      if ("problem" in credential) throw new Error(credential.problem);
      const answer = await postForm(`${issuer}/introspect`, { token }, basic(credential.id, credential.secret));
      return answer.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
});

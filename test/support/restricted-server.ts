import { allowAccess, findAccessRule, removeAccess, setOpenness } from "../../src/flows/admin/access-rules.ts";
import { addGroup, addToGroup, readGroup, removeFromGroup, removeGroup } from "../../src/flows/admin/groups.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { authorizationRequest, registerClient } from "./oauth-client.ts";

/**
 * A server that only the people in its rules may use, a person whom no rule names, and what an owner does about them.
 */
export async function addRestrictedServer(gatehouse: Gatehouse, uri: string) {
  const { owner } = gatehouse;
  const scopes = [
    { name: "read", description: "Read", implies: [], isDefault: true },
    { name: "write", description: "Write", implies: ["read"], isDefault: false },
  ];
  const added = await addResource(owner, { uri, name: "Payroll", scopes, isDefault: false });
  if ("problem" in added) throw new Error(added.problem);
  await setOpenness(owner, added.id, false);
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const at = { ...gatehouse, resource: { ...gatehouse.resource, ...added } };
  const one: Subject = { kind: "person", email: person.email };
  const allow = async (scopes: readonly string[] = [], subject: Subject = one) =>
    expectDone(await allowAccess(owner, added.id, subject, scopes));
  const takeOut = async (subject: Subject = one) => {
    const rule = await findAccessRule(owner, added.id, subject);
    expectDone(await removeAccess(owner, added.id, rule?.id ?? ""));
  };
  return { ...added, uri, at, person, browser, one, allow, takeOut };
}

type Subject = Parameters<typeof allowAccess>[2];

function expectDone(outcome: object): void {
  if ("problem" in outcome) throw new Error(String(outcome.problem));
}

/**
 * Gives somebody access to a restricted server by hand and by a group, and takes it away again, so that every event of
 * it happens.
 */
export async function letInAndOut(gatehouse: Gatehouse): Promise<void> {
  const { owner } = gatehouse;
  const { id, uri, person, browser, allow, takeOut } = await addRestrictedServer(gatehouse, "https://payroll.example");
  const request = { resource: uri };
  await browser.open((await authorizationRequest(gatehouse, await registerClient(gatehouse), request)).url);
  await allow();
  await takeOut();
  await addGroup(owner, { name: "Payroll", follows: null });
  const group = (await readGroup(owner, "Payroll"))?.id ?? "";
  await addToGroup(owner, group, person.email);
  await removeFromGroup(owner, group, person.email);
  await removeGroup(owner, group);
  await setOpenness(owner, id, true);
}

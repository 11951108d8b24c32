import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { findRuleProblem } from "../../oauth/workload.ts";
import { deleteClient } from "../../store/clients.ts";
import { findOfferGaps } from "../../store/offer.ts";
import { insertWorkload, type ListedWorkload, listWorkloads } from "../../store/workloads.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { readIssuers } from "./issuers.ts";

/** What the owner says about a program that gets tokens with its issuer's assertions. */
export type WorkloadInput = {
  readonly name: string;
  /** The issuer's name here. */
  readonly issuer: string;
  readonly resource: string;
  readonly scope: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
};

type Problem = { readonly problem: string; readonly field?: keyof WorkloadInput };

/** Adds a machine without a secret, with the rule that says which program it is. */
export async function addWorkload(
  deps: AdminDeps,
  input: WorkloadInput,
): Promise<{ readonly clientId: string } | Problem> {
  const issuer = (await readIssuers(deps)).find(({ name }) => name === input.issuer);
  if (!issuer) return { problem: `There is no issuer ${input.issuer}.`, field: "issuer" };
  const name = input.name.trim();
  if (name === "" || name.length > 200) return { problem: "The program has no name.", field: "name" };
  const problem = findRuleProblem(issuer.issuer, input);
  if (problem) return problem;
  const scope = [...new Set(input.scope.split(/\s+/).filter((each) => each !== ""))].join(" ");
  if (scope === "")
    return { problem: "A machine acts without asking anybody: name the scopes that it may have.", field: "scope" };
  const clientId = `client_${randomBase64url(16)}`;
  const workload = {
    ...{ ...input, clientId, name, scope, resourceUri: canonicalResource(input.resource) ?? "" },
    fingerprint: await sha256(JSON.stringify(["workload", clientId])),
  };
  if (await insertWorkload(deps.db, workload, deps.actor)) return { clientId };
  const { resourceFound, unoffered } = await findOfferGaps(deps.db, scope, workload.resourceUri);
  if (!resourceFound) return { problem: "There is no server with this URL.", field: "resource" };
  return unoffered[0]
    ? { problem: `The scope ${unoffered[0]} is not offered by ${input.resource}.`, field: "scope" }
    : { problem: "Only an owner can do that." };
}

/** All programs that rules admit. */
export const readWorkloads = ({ db, actor }: AdminDeps): Promise<ListedWorkload[]> => listWorkloads(db, actor);

/** Deletes a program's machine with its rule and everything that it got. False if it isn't a program's. */
export async function removeWorkload(deps: AdminDeps, clientId: string): Promise<boolean> {
  const isOne = (await readWorkloads(deps)).some((each) => each.clientId === clientId);
  return isOne && deleteClient(deps.db, { id: clientId, registrationDigest: null }, deps.actor);
}

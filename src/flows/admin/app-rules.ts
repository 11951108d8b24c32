import { APP_DECISIONS, APP_RULE_KINDS, type AppRuleKind, readAppPattern } from "../../oauth/app-rule.ts";
import { type AppRequest, listAppRequests } from "../../store/app-requests.ts";
import { type AppRule, deleteAppRule, listAppRules, upsertAppRule } from "../../store/app-rules.ts";
import { countUnusedClients, type UnusedClients } from "../../store/unused-clients.ts";
import type { AdminDeps } from "./admin-deps.ts";

type Outcome = { readonly done: true } | { readonly problem: string; readonly field?: string };

export const readAppRules = ({ db, actor }: AdminDeps): Promise<AppRule[]> => listAppRules(db, actor);

/** The people who wait for the owner's decision on an app. */
export const readAppRequests = ({ db, actor }: AdminDeps): Promise<AppRequest[]> => listAppRequests(db, actor);

/** How many apps never got a token, and how many the clean-up took lately. */
export const readUnusedClients = ({ db, actor }: AdminDeps): Promise<UnusedClients> => countUnusedClients(db, actor);

const EXPECTED: Readonly<Record<AppRuleKind, string>> = {
  document: "Name a host like example.com, *.example.com for all below it, or * for every one.",
  registered: "Apps that register themselves have one rule for all: leave this empty.",
  redirect:
    "Name a host like example.com, *.example.com, * for every website, loopback, an app scheme like cursor: or *: for every app.",
};

/** Sets what happens to the apps that a rule names. Those that it keeps out lose their access. */
export async function setAppRule(
  { db, actor }: AdminDeps,
  kind: AppRuleKind,
  typed: string,
  decision: AppRule["decision"],
): Promise<Outcome> {
  const pattern = readAppPattern(kind, typed);
  if (pattern === null) return { problem: EXPECTED[kind], field: "pattern" };
  return (await upsertAppRule(db, { kind, pattern, decision }, actor))
    ? { done: true }
    : { problem: "Only an owner may do this." };
}

/** Deletes a rule, so that the next one above it counts. */
export async function removeAppRule({ db, actor }: AdminDeps, kind: AppRuleKind, typed: string): Promise<Outcome> {
  const pattern = readAppPattern(kind, typed);
  return pattern !== null && (await deleteAppRule(db, { kind, pattern }, actor))
    ? { done: true }
    : { problem: "There is no such rule." };
}

/** The same with the words that are typed in a terminal. `none` deletes the rule. */
export async function changeAppRule(deps: AdminDeps, kind: string, decision: string, host: string): Promise<Outcome> {
  const about = APP_RULE_KINDS.find((each) => each === kind);
  if (!about) return { problem: `The kind of a rule is one of ${APP_RULE_KINDS.join(", ")}.` };
  if (decision === "none") return removeAppRule(deps, about, host);
  const wanted = APP_DECISIONS.find((each) => each === decision);
  if (!wanted) return { problem: `The decision is one of ${APP_DECISIONS.join(", ")}, or none to delete the rule.` };
  return setAppRule(deps, about, host, wanted);
}

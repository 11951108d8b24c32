import type { Deps } from "../../deps.ts";
import { belongsBy } from "../../oauth/group-rule.ts";
import { membershipRules } from "../../oauth/joining.ts";
import { listFollowedRules, updateFollowedGroups } from "../../store/followed-groups.ts";
import type { PresentedIdentity } from "../../store/identities.ts";
import { recordProviderFailure } from "../provider/callback.ts";
import { askMemberships, findVerifiedEmail } from "../provider/person-facts.ts";
import type { Redemption } from "../provider/redeem.ts";
import type { Upstream } from "../provider/upstream.ts";

/**
 * Whether somebody belongs to each group that follows a provider, as it says now. A group that it doesn't answer about
 * is left out, and stays as it was.
 */
type GroupVerdicts = { readonly in: readonly string[]; readonly out: readonly string[] };

/** Asks a provider which of the groups that follow it a person is in. */
export async function askGroups(
  deps: Deps,
  redeemed: Redemption & { readonly upstream: Upstream },
): Promise<GroupVerdicts> {
  const { upstream, person } = redeemed;
  const rules = await listFollowedRules(deps.db, upstream.provider.slug);
  if (rules.length === 0) return { in: [], out: [] };
  const needsEmail = rules.some(({ rule }) => rule.startsWith("domain:"));
  const [memberships, email] = await Promise.all([
    askMemberships(upstream, redeemed, [...new Set(membershipRules(rules.map(({ rule }) => rule)))]),
    needsEmail ? findVerifiedEmail(upstream, redeemed) : { ok: true as const, value: null },
  ]);
  if (!email.ok || [...memberships.values()].includes(null)) {
    recordProviderFailure(deps, upstream.provider.slug, "didn't say who belongs to a group");
  }
  const facts = { ...person, memberships, verifiedEmail: email.ok ? email.value : null };
  const verdicts = rules.map(({ groupId, rule }) => ({
    groupId,
    belongs: rule.startsWith("domain:") && !email.ok ? null : belongsBy(rule, facts),
  }));
  const those = (belongs: boolean) => verdicts.filter((each) => each.belongs === belongs).map(({ groupId }) => groupId);
  return { in: those(true), out: those(false) };
}

/**
 * Puts the holder of an identity into those groups and removes them from the others, ending the connections that they
 * had only through these.
 */
export async function followGroups(deps: Deps, identity: PresentedIdentity, verdicts: GroupVerdicts): Promise<void> {
  if (verdicts.in.length + verdicts.out.length > 0) await updateFollowedGroups(deps.db, identity, verdicts, deps.actor);
}

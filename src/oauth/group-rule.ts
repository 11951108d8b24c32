import type { JoiningFacts } from "./joining.ts";

/** What a provider said of a person when they signed in. */
export type GroupFacts = Pick<JoiningFacts, "verifiedEmail" | "hostedDomain" | "memberships"> & {
  /** The claims of the ID token; empty where there is none. */
  readonly claims: Readonly<Record<string, unknown>>;
};

const RULE =
  /^(?:org:[\w.-]{1,100}|team:[\w.-]{1,100}\/[\w.-]{1,100}|domain:[a-z0-9.-]{1,253}|claim:[\w.:/-]{1,100}=[^\s=][^=]{0,199})$/;

/** Whether a text says who belongs to a group that follows a provider. */
export const isGroupRule = (text: string): boolean => RULE.test(text);

/** Whether a person belongs to it, by what their provider said. A claim may be a text, or a list that has it. */
export function belongsBy(rule: string, facts: GroupFacts): boolean {
  const [kind = "", value = ""] = rule.split(/:(.*)/s);
  switch (kind) {
    case "domain":
      return facts.hostedDomain === value || facts.verifiedEmail?.split("@").at(-1) === value;
    case "claim": {
      const [name = "", wanted = ""] = value.split(/=(.*)/s);
      const claim = Object.hasOwn(facts.claims, name) ? facts.claims[name] : undefined;
      return Array.isArray(claim) ? claim.includes(wanted) : claim === wanted;
    }
    default:
      return facts.memberships.includes(rule);
  }
}

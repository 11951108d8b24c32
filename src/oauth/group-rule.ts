/** What a provider said about a person when they signed in. */
type GroupFacts = {
  readonly verifiedEmail: string | null;
  readonly hostedDomain: string | null;
  /** The claims of the ID token. Empty if there is none. */
  readonly claims: Readonly<Record<string, unknown>>;
  /**
   * The provider's answer about each membership that rules ask for, keyed as rules write it. Null if it didn't answer.
   */
  readonly memberships: ReadonlyMap<string, boolean | null>;
};

const RULE =
  /^(?:org:[\w.-]{1,100}|team:[\w.-]{1,100}\/[\w.-]{1,100}|domain:[a-z0-9.-]{1,253}|claim:[\w.:/-]{1,100}=\S[^=]{0,199})$/;

/** Whether a text is a rule that says who belongs to a group that follows a provider. */
export const isGroupRule = (text: string): boolean => RULE.test(text);

/**
 * Whether a person belongs to a group, according to their provider. Null if that isn't known: then nothing changes. A
 * claim may be a text, or a list that contains it.
 */
export function belongsBy(rule: string, facts: GroupFacts): boolean | null {
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
      return facts.memberships.get(rule) ?? null;
  }
}

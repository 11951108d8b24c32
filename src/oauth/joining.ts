/**
 * Who may become a member by signing in with a provider, as the owner says it for each: `invited`, `domain:example.com`,
 * `org:acme`, `team:acme/devs`, `subject:12345`. Nobody where nothing is said.
 */
export type JoiningFacts = {
  readonly subject: string;
  readonly verifiedEmail: string | null;
  readonly hostedDomain: string | null;
  /** Whether an invitation waits for the verified address. */
  readonly isInvited: boolean;
  /** Memberships that the provider confirmed, as rules are written: `org:acme`. */
  readonly memberships: readonly string[];
};

const RULE =
  /^(?:invited|domain:[a-z0-9.-]{1,253}|org:[\w.-]{1,100}|team:[\w.-]{1,100}\/[\w.-]{1,100}|subject:\S{1,255})$/;

export const isJoiningRule = (text: string): boolean => RULE.test(text);

/** The rules that only the provider can confirm. */
export const membershipRules = (rules: readonly string[]): string[] =>
  rules.filter((rule) => /^(?:org|team):/.test(rule));

/** Whether a person may join by one of the rules. An address counts only where the provider says that it was verified. */
export const mayJoin = (rules: readonly string[], facts: JoiningFacts): boolean =>
  rules.some((rule) => {
    const [kind = "", value = ""] = rule.split(/:(.*)/s);
    switch (kind) {
      case "invited":
        return facts.isInvited && facts.verifiedEmail !== null;
      case "domain":
        return facts.hostedDomain === value || facts.verifiedEmail?.split("@").at(-1) === value;
      case "subject":
        return facts.subject === value;
      default:
        return facts.memberships.includes(rule);
    }
  });

/**
 * The owner's rule for each provider about who may become a member by signing in there: `invited`,
 * `domain:example.com`, `org:acme`, `team:acme/devs`, `subject:12345`. Without a rule, nobody may.
 */
type JoiningFacts = {
  readonly subject: string;
  readonly verifiedEmail: string | null;
  readonly hostedDomain: string | null;
  /** Whether there is an open invitation for the verified address. */
  readonly isInvited: boolean;
  /** Memberships that the provider confirmed, written as in rules: `org:acme`. */
  readonly memberships: readonly string[];
};

const RULE =
  /^(?:invited|domain:[a-z0-9.-]{1,253}|org:[\w.-]{1,100}|team:[\w.-]{1,100}\/[\w.-]{1,100}|subject:\S{1,255})$/;

export const isJoiningRule = (text: string): boolean => RULE.test(text);

/** The rules that only the provider can confirm. */
export const membershipRules = (rules: readonly string[]): string[] =>
  rules.filter((rule) => /^(?:org|team):/.test(rule));

/** Whether a person may join by one of the rules. An address counts only if the provider says that it is verified. */
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

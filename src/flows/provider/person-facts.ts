import { readAddress } from "../../oauth/provider.ts";
import { askProvider, type Redemption } from "./redeem.ts";
import { attemptUpstream, type Upstream, type UpstreamFailure } from "./upstream.ts";

type Email = { readonly email?: unknown; readonly primary?: unknown; readonly verified?: unknown };

/** The address that a provider without ID tokens says is verified, in GitHub's format. Null if there is none. */
export const findVerifiedEmail = (
  upstream: Upstream,
  { tokens, person }: Redemption,
): Promise<{ readonly ok: true; readonly value: string | null } | UpstreamFailure> =>
  attemptUpstream(async () => {
    const { emailsEndpoint } = upstream.provider.description;
    if (person.verifiedEmail !== null || emailsEndpoint === null) return person.verifiedEmail;
    const json = await askProvider(upstream, tokens.accessToken, emailsEndpoint);
    const emails = Array.isArray(json) ? (json as Email[]) : [];
    return readAddress(emails.find(({ primary, verified }) => primary === true && verified === true)?.email);
  });

/**
 * The provider's answer about each of the rules. Pending memberships don't count. Null if it doesn't answer, which
 * decides nothing.
 */
export async function askMemberships(
  upstream: Upstream,
  { tokens, person }: Redemption,
  rules: readonly string[],
): Promise<ReadonlyMap<string, boolean | null>> {
  const api = upstream.provider.description.userEndpoint?.replace(/\/user$/, "") ?? "";
  const answers = await Promise.all(
    rules.map(async (rule) => {
      const [kind, name = ""] = rule.split(/:(.*)/s);
      const [org = "", team = ""] = name.split("/");
      const path =
        kind === "org"
          ? `/user/memberships/orgs/${org}`
          : `/orgs/${org}/teams/${team}/memberships/${encodeURIComponent(person.label)}`;
      const answer = await attemptUpstream(() => askProvider(upstream, tokens.accessToken, api + path));
      if (!answer.ok) return [rule, answer.kind === "unavailable" ? null : false] as const;
      return [rule, (answer.value as { state?: unknown } | null)?.state === "active"] as const;
    }),
  );
  return new Map(answers);
}

import { textsOf } from "./answer.ts";
import type { Evidence } from "./evidence.ts";
import type { Reason } from "./posture.ts";
import { wantedScope } from "./walk-authorize.ts";

/** Names that suggest that an app may do everything, whatever the server means by them. */
const BROAD =
  /^(\*|all|full|any|root|superuser|everything)$|\*|(^|[:._-])(admin|full[_-]?(access|control)|all|root|superuser)$/i;
/** Scopes about identity or duration, which permit nothing. */
const PERMITS_NOTHING = ["openid", "profile", "email", "offline_access"];

/** How broad the scopes are that clients are told to request, as reviewers see it. */
export function judgeScopes(evidence: Evidence): readonly Reason[] {
  if (!evidence.resource || evidence.resource.withoutToken.trouble) return [];
  const wanted =
    wantedScope(evidence)
      ?.split(" ")
      .filter((scope) => !PERMITS_NOTHING.includes(scope)) ?? [];
  const offered = textsOf(evidence.resource.metadata.found?.json ?? null, "scopes_supported") ?? [];
  const permitting = offered.filter((scope) => !PERMITS_NOTHING.includes(scope));
  if (wanted.length === 0 && permitting.length === 0)
    return [{ grade: "C", because: "There are no scopes, so every token may do everything" }];
  const broad = wanted.filter(isBroad);
  if (broad.length > 0) return [{ grade: "F", because: `Every app is led to ask for ${broad.join(" and ")}` }];
  const reasons: Reason[] = [];
  const offeredBroad = permitting.filter(isBroad);
  if (offeredBroad.length > 0)
    reasons.push({
      grade: "C",
      because: `${offeredBroad.join(" and ")} covers everything, although narrower scopes would do`,
    });
  if (permitting.length > 1 && permitting.every((scope) => wanted.includes(scope)))
    reasons.push({
      grade: "C",
      because:
        "Every app is led to ask for all scopes at once, although the challenge could name those that the request needs",
    });
  return reasons.length > 0 ? reasons : [{ grade: "A", because: `Apps are led to ask for ${wanted.join(" and ")}` }];
}

export const isBroad = (scope: string): boolean => BROAD.test(scope);

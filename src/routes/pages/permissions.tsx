import { type ScopeKind, scopeKind } from "../../oauth/scope-kind.ts";
import { Badge } from "./badge.tsx";
import { Icon, type IconName } from "./icon.tsx";

type Permission = { readonly name: string; readonly description: string | null; readonly implies?: readonly string[] };

type Props = {
  scopes: readonly Permission[];
  /** The names of the ticked ones. */
  ticked: readonly string[];
  /** The names of those that the person hasn't granted this app before. */
  fresh?: readonly string[];
};

const GROUPS: readonly (readonly [ScopeKind, string, IconName])[] = [
  ["read", "View", "eye"],
  ["change", "Act and make changes", "change"],
  ["broad", "Full access", "broad"],
];

/** Permissions to tick, in groups that show at a glance how much each gives. */
export const Permissions = ({ scopes, ticked, fresh = [] }: Props) => (
  <>
    {GROUPS.map(([kind, title, icon]) => {
      const group = scopes.filter((scope) => scopeKind({ name: scope.name, implies: scope.implies ?? [] }) === kind);
      return (
        group.length > 0 && (
          <fieldset key={kind} class={`permissions ${kind}`}>
            <legend>
              <Icon name={icon} /> {title}
            </legend>
            <ul class="scopes">
              {group.map((scope) => (
                <li key={scope.name}>
                  <label>
                    <input type="checkbox" name="scope" value={scope.name} checked={ticked.includes(scope.name)} />
                    <span>
                      {scope.description ?? "A permission that this server no longer offers"}
                      {fresh.includes(scope.name) && <Badge tone="warn">New</Badge>}
                      <code>{scope.name}</code>
                    </span>
                  </label>
                </li>
              ))}
            </ul>
          </fieldset>
        )
      );
    })}
  </>
);

import type { NeededAccount, NeededScope } from "../../flows/linked/needed-account.ts";
import { Badge } from "./badge.tsx";
import { Icon } from "./icon.tsx";

type ScopesProps = { scopes: readonly NeededScope[]; reasons?: readonly string[]; markNew: boolean };

/** What a server may do at a provider, scope by scope, and why it needs the broad ones. */
export const AccountScopes = ({ scopes, reasons = [], markNew }: ScopesProps) => (
  <>
    <ul class="scopes">
      {scopes.map((scope) => (
        <li key={scope.name}>
          {scope.description}{" "}
          {scope.broad && (
            <Badge tone="warn" icon="warning">
              Broad
            </Badge>
          )}
          {markNew && scope.isNew && <Badge tone="warn">New</Badge>} <code>{scope.name}</code>
        </li>
      ))}
    </ul>
    {reasons.map((reason) => (
      <p key={reason} class="note">
        Why it needs this: {reason}
      </p>
    ))}
  </>
);

/** The accounts that a server needs, on the page that asks for consent. */
export const NeededAccounts = ({ accounts }: { accounts: readonly NeededAccount[] }) => (
  <>
    {accounts.map(({ provider, label, scopes, reasons }) => (
      <div key={provider} class="permissions">
        <p class="label">
          <Icon name="connections" />
          <span>
            With your {provider} account{label === null ? ", which you connect next" : <bdi> {label}</bdi>}
          </span>
        </p>
        <AccountScopes scopes={scopes} reasons={reasons} markNew={label !== null} />
      </div>
    ))}
  </>
);

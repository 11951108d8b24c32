import type { ListedAccount } from "../../../store/linked-account-listing.ts";
import { Avatar } from "../avatar.tsx";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Form } from "../form.tsx";
import { Cards } from "../list.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { ExactTime, Time } from "../time.tsx";

type Props = { shell: PanelShell; now: Date; accounts: readonly ListedAccount[] };

/** The accounts elsewhere that servers may use in the person's name. */
export const LinkedAccountsPage = ({ shell, now, accounts }: Props) => (
  <Panel
    shell={shell}
    title="Linked accounts"
    lead="Accounts elsewhere that MCP servers use in your name. Apps never get access to them."
  >
    <Cards
      items={accounts}
      keyOf={({ id }) => id}
      empty="No account is linked. A server that needs one asks you for it when you allow an app."
      icon="connections"
      card={(account) => <AccountCard {...{ shell, now, account }} />}
    />
  </Panel>
);

const AccountCard = ({ shell, now, account }: { shell: PanelShell; now: Date; account: ListedAccount }) => (
  <div class="thing">
    <Avatar name={account.provider} />
    <div>
      <h2>
        <span>
          {account.provider}: <bdi>{account.label}</bdi>
        </span>
        {account.state === "needs_sign_in" && (
          <Badge tone="warn" icon="warning">
            Access ended
          </Badge>
        )}
      </h2>
      <p class="quiet">
        Linked on <ExactTime at={account.createdAt} />.
        {account.state === "needs_sign_in" &&
          ` ${account.provider} has ended it. A server that needs it will ask you to link it again.`}
      </p>
      <ul class="tags">
        {account.scopes.map((scope) => (
          <li key={scope.name} title={scope.name}>
            {scope.description ?? scope.name}
          </li>
        ))}
      </ul>
      {account.uses.length === 0 ? (
        <p class="quiet">No server can use it.</p>
      ) : (
        <ServersInPlace {...{ shell, now, account }} />
      )}
    </div>
    <div class="buttons">
      <Confirm
        shell={shell}
        id={`unlink-${account.id}`}
        to={`/account/linked/${account.id}/unlink`}
        action="Unlink"
        label={`Unlink ${account.label} at ${account.provider}`}
        title={`Unlink ${account.label}?`}
      >
        <p>
          {account.uses.length > 0 && `${countOf(account.uses.length, "server loses", "servers lose")} access to it. `}
          {account.provider} is told to end it as well.
        </p>
      </Confirm>
    </div>
  </div>
);

/** The servers that can use an account. Whoever unticks one is asked again when that server needs the account. */
const ServersInPlace = ({ shell, now, account }: { shell: PanelShell; now: Date; account: ListedAccount }) => (
  <details class="fold">
    <summary>{countOf(account.uses.length, "server")} can use it</summary>
    <Form shell={shell} to={`/account/linked/${account.id}/servers`}>
      {account.uses.map((use) => (
        <label key={use.resourceId}>
          <input type="hidden" name="shown" value={use.resourceId} />
          <input type="checkbox" name="resource" value={use.resourceId} checked />
          <span>
            <bdi>{use.name}</bdi>{" "}
            <span class="quiet">
              {use.lastUsedAt === null ? (
                "never used"
              ) : (
                <>
                  last used <Time at={use.lastUsedAt} now={now} />
                </>
              )}
            </span>
          </span>
        </label>
      ))}
      <p class="hint">A server that you untick asks you again when it needs the account.</p>
      <button type="submit" class="small">
        Save
      </button>
    </Form>
  </details>
);

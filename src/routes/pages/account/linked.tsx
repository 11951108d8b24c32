import type { ListedAccount } from "../../../store/account-listing.ts";
import { Avatar } from "../avatar.tsx";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Action } from "../form.tsx";
import { Cards } from "../list.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Time } from "../time.tsx";

type Props = { shell: PanelShell; now: Date; accounts: readonly ListedAccount[] };

/** The accounts elsewhere that servers may use in the person's name. */
export const LinkedAccountsPage = ({ shell, now, accounts }: Props) => (
  <Panel
    shell={shell}
    title="Linked accounts"
    lead="MCP servers use these accounts for you, as far as you allowed it. Apps never get access to them."
  >
    <Cards
      items={accounts}
      keyOf={({ id }) => id}
      empty="No account is linked. A server that needs one asks for it when you allow an app."
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
        {account.provider}: <bdi>{account.label}</bdi>{" "}
        {account.state === "needs_sign_in" && (
          <Badge tone="warn" icon="warning">
            Needs sign-in again
          </Badge>
        )}
      </h2>
      <p class="quiet">
        Linked <Time at={account.createdAt} now={now} />.
        {account.state === "needs_sign_in" &&
          ` ${account.provider} has ended this access. A server that needs it will ask you.`}
      </p>
      <ul class="tags">
        {account.scopes.map((scope) => (
          <li key={scope.name} title={scope.name}>
            {scope.description ?? scope.name}
          </li>
        ))}
      </ul>
      {account.uses.length === 0 && <p class="quiet">No server may use it.</p>}
      <ul class="uses">
        {account.uses.map((use) => (
          <li key={use.resourceId}>
            <span>
              <bdi>{use.name}</bdi> may use it
              {use.lastUsedAt === null ? (
                ", and never has"
              ) : (
                <>
                  , last <Time at={use.lastUsedAt} now={now} />
                </>
              )}
            </span>
            <Action
              shell={shell}
              to={`/account/linked/${account.id}/disallow`}
              fields={{ resource: use.resourceId }}
              label={`Stop ${use.name} from using ${account.label}`}
            >
              Stop
            </Action>
          </li>
        ))}
      </ul>
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
        <p>Servers can no longer use it, and {account.provider} is told to end the access.</p>
      </Confirm>
    </div>
  </div>
);

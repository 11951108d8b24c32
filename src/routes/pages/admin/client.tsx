import { clientTrust } from "../../../oauth/client-trust.ts";
import { redirectTarget } from "../../../oauth/redirect-uri.ts";
import type { ClientDetails } from "../../../store/client-listing.ts";
import type { UsedConnection } from "../../../store/connection-listing.ts";
import { TrustNote } from "../client-trust.tsx";
import { Confirm } from "../confirm.tsx";
import { Copyable } from "../copyable.tsx";
import { Action } from "../form.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { FullTime } from "../time.tsx";
import { ClientStatus, countConnections } from "./clients.tsx";
import { Connections } from "./connections.tsx";

const DOORS = {
  preregistered: "added by hand",
  dynamic: "registered itself",
  metadata_document: "known by its metadata document",
};

type Props = { shell: PanelShell; now: Date; client: ClientDetails; connections: readonly UsedConnection[] };

/** One app, and the owner's decisions about it. */
export const ClientPage = ({ shell, now, client, connections }: Props) => (
  <Panel
    shell={shell}
    title={client.name}
    beside={<ClientStatus client={client} />}
    lead={<TrustNote trust={clientTrust(client)} />}
    back={{ path: "/admin/clients", name: "Apps" }}
    action={!client.approved && !client.disabled && <Approve shell={shell} client={client} />}
  >
    <Section title="About this app">
      <Copyable value={client.id} label="the app’s ID" />
      <Facts now={now} client={client} />
      <p>
        <a href={`${shell.issuer}/admin/audit?${new URLSearchParams({ client: client.id })}`}>See what it did</a>, or{" "}
        <a href={`${shell.issuer}/admin/refusals?${new URLSearchParams({ client: client.id, days: "14" })}`}>
          why it doesn’t connect
        </a>
      </p>
    </Section>
    <Connections {...{ shell, now, connections }} of="app" count={client.liveFamilies} />
    <Section title="Block or delete" danger>
      <div class="row">
        <div>
          <strong>{client.disabled ? "Unblock this app" : "Block this app"}</strong>
          <p class="quiet">
            {client.disabled
              ? "It can ask for access again. What it had stays ended."
              : "Its connections end, and it can’t ask for access until you unblock it."}
          </p>
        </div>
        {client.disabled ? (
          <Action shell={shell} to="/admin/clients" fields={{ id: client.id, change: "unblock" }}>
            Unblock
          </Action>
        ) : (
          <Ending shell={shell} client={client} change="block" action="Block" />
        )}
      </div>
      <div class="row">
        <div>
          <strong>Delete this app</strong>
          <p class="quiet">Its connections end, and it is forgotten here. It can register again.</p>
        </div>
        <Ending shell={shell} client={client} change="delete" action="Delete" />
      </div>
    </Section>
  </Panel>
);

/** The approval is of the app as it is shown here. */
const Approve = ({ shell, client }: Pick<Props, "shell" | "client">) => (
  <Action
    shell={shell}
    to="/admin/clients"
    fields={{ id: client.id, change: "approve", fingerprint: client.fingerprint }}
    class="button"
  >
    Approve
  </Action>
);

type EndingProps = Pick<Props, "shell" | "client"> & { change: "block" | "delete"; action: string };

const Ending = ({ shell, client, change, action }: EndingProps) => (
  <Confirm
    shell={shell}
    id={change}
    to="/admin/clients"
    fields={{ id: client.id, change }}
    action={action}
    title={`${action} ${client.name}?`}
  >
    <p>
      {countConnections(client.liveFamilies)} will end at once, and{" "}
      {countOf(client.livePeople, "person loses", "people lose")} access.
      {change === "delete" && " This can’t be undone."}
    </p>
  </Confirm>
);

const Facts = ({ now, client }: Pick<Props, "now" | "client">) => (
  <dl class="facts">
    <dt>First seen</dt>
    <dd>
      <FullTime at={client.createdAt} now={now} />, {DOORS[client.registration]}
    </dd>
    <dt>In use</dt>
    <dd>{client.used ? countConnections(client.liveFamilies) : "Never used"}</dd>
    <dt>Redirect URIs</dt>
    <dd>
      {client.redirectUris.map((uri) => (
        <div key={uri}>
          <code>{uri}</code>
          {redirectTarget(uri).kind === "app" && <span class="quiet"> opens whichever app claims such links</span>}
        </div>
      ))}
    </dd>
    <dt>Authentication</dt>
    <dd>
      <code>{client.authenticationMethods.join(", ")}</code>
    </dd>
    {client.jwksUri && (
      <>
        <dt>Keys</dt>
        <dd>
          <code>{client.jwksUri}</code>
        </dd>
      </>
    )}
    <dt>Grant types</dt>
    <dd>
      <code>{client.grantTypes.join(", ")}</code>
    </dd>
    {client.resourceUri && (
      <>
        <dt>Only for</dt>
        <dd>
          <code>{client.resourceUri}</code>
        </dd>
      </>
    )}
  </dl>
);

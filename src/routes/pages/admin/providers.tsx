import type { ProviderCheck } from "../../../flows/admin/check-provider.ts";
import type { ListedOwnProvider } from "../../../flows/admin/providers.ts";
import type { OwnersAccount } from "../../../store/linked-account-listing.ts";
import type { ProviderServer } from "../../../store/providers.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Copyable } from "../copyable.tsx";
import { Action } from "../form.tsx";
import { Icon } from "../icon.tsx";
import { Cards, Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { NewProvider } from "./new-provider.tsx";
import { personPath } from "./people.tsx";

type ListProps = {
  shell: PanelShell;
  providers: readonly ListedOwnProvider[];
  /** Whether there is a vault key, which providers need. */
  hasVault: boolean;
  refused: RefusedForm | null;
};

/** The providers at which people sign in with existing accounts, and at which servers use accounts for them. */
export const ProvidersPage = ({ shell, providers, hasVault, refused }: ListProps) => (
  <Panel
    shell={shell}
    title="Providers"
    lead="Services like GitHub or Google. People sign in with them, and servers use people’s accounts there."
  >
    {hasVault ? (
      <NewProvider shell={shell} refused={refused} />
    ) : (
      <p class="notice">
        Set the secret <code>VAULT_KEY</code> first: it seals the secrets that providers give.
      </p>
    )}
    <Cards
      items={providers}
      keyOf={({ slug }) => slug}
      icon="globe"
      empty="No providers yet. Add one to let people sign in with an account that they have."
      card={(provider) => (
        <>
          <h2>
            <a href={`${shell.issuer}/admin/providers/${provider.slug}`}>{provider.name}</a>{" "}
            {provider.signsIn && <Badge>Signs people in</Badge>}
          </h2>
          <p class="quiet">
            {countOf(provider.accounts, "linked account")}
            {provider.identities > 0 && `, ${countOf(provider.identities, "person", "people")} can sign in with it`}
          </p>
        </>
      )}
    />
  </Panel>
);

/** One request to a Worker may make only a limited number of requests elsewhere. */
export const MOST_ENDED = 20;

type Props = {
  shell: PanelShell;
  now: Date;
  provider: ListedOwnProvider;
  servers: readonly ProviderServer[];
  accounts: readonly OwnersAccount[];
  /** The result of a check that was just made. */
  checks: readonly ProviderCheck[] | null;
};

/** One provider: what to register there, whether it is set up right, and who has linked an account. */
export const ProviderPage = ({ shell, now, provider, servers, accounts, checks }: Props) => (
  <Panel shell={shell} title={provider.name} back={{ path: "/admin/providers", name: "Providers" }}>
    <Section title="Setup" lead="Paste this redirect URI where you registered this service at the provider.">
      <Copyable value={provider.redirectUri} label="the redirect URI" />
      <dl class="facts">
        <dt>ID there</dt>
        <dd>
          <code>{provider.clientId}</code>
        </dd>
        <dt>Who may join</dt>
        <dd>{provider.joining.length > 0 ? provider.joining.join(", ") : "Nobody new"}</dd>
      </dl>
      {checks && (
        <div role="status">
          <ul class="checks">
            {checks.map(({ what, problem }) => (
              <li key={what}>
                <Icon name={problem === null ? "check" : "warning"} /> {what}
                {problem !== null && `: ${problem}`}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Action shell={shell} to={`/admin/providers/${provider.slug}/check`}>
        Check the setup
      </Action>
    </Section>
    <Section
      title="Servers"
      lead="A server can use a person’s account there once you allow it here, and the person agrees."
    >
      <Table
        label="Servers"
        items={servers}
        keyOf={({ uri }) => uri}
        icon="servers"
        empty={
          <>
            There is no server yet. <a href={`${shell.issuer}/admin/resources`}>Add a server</a> first.
          </>
        }
        columns={[
          {
            title: "Server",
            cell: ({ uri, name }) => (
              <Named name={name}>
                <code>{uri}</code>
              </Named>
            ),
          },
          {
            title: "State",
            cell: ({ allowed }) => (allowed ? <Badge tone="good">Allowed</Badge> : <Badge>Not allowed</Badge>),
          },
          {
            title: "Change",
            cell: ({ uri, name, allowed }) => (
              <Action
                shell={shell}
                to={`/admin/providers/${provider.slug}/servers`}
                fields={{ server: uri, ...(allowed ? {} : { allowed: "on" }) }}
                label={`${allowed ? "Stop allowing" : "Allow"} ${name}`}
              >
                {allowed ? "Stop allowing" : "Allow"}
              </Action>
            ),
          },
        ]}
      />
    </Section>
    <Section title="Linked accounts">
      <Table
        label="Linked accounts"
        items={accounts}
        keyOf={({ email }) => email}
        icon="people"
        empty="Nobody has linked an account yet."
        columns={[
          {
            title: "Person",
            cell: ({ email, label }) => (
              <Named name={email} shape="person" href={shell.issuer + personPath(email)}>
                <bdi>{label}</bdi>
              </Named>
            ),
          },
          {
            title: "State",
            cell: ({ state }) =>
              state === "needs_sign_in" ? <Badge tone="warn">Access ended</Badge> : <Badge>Linked</Badge>,
          },
          {
            title: "Servers",
            cell: ({ uses }) =>
              uses.length > 0 && (
                <details class="fold">
                  <summary>{countOf(uses.length, "server")}</summary>
                  {uses.map(({ resourceId, name, lastUsedAt }) => (
                    <div key={resourceId}>
                      <bdi>{name}</bdi>{" "}
                      {lastUsedAt === null ? (
                        "never used it"
                      ) : (
                        <>
                          used it <Time at={lastUsedAt} now={now} />
                        </>
                      )}
                    </div>
                  ))}
                </details>
              ),
          },
        ]}
      />
    </Section>
    <Section title="Remove" danger>
      <Confirm
        shell={shell}
        id="remove"
        to={`/admin/providers/${provider.slug}/remove`}
        action="Remove this provider"
        title={`Remove ${provider.name}?`}
      >
        <p>
          Nobody can sign in with it afterwards: {countOf(provider.onlyWayIn, "person has", "people have")} no other
          way.
        </p>
        <p>
          {countOf(provider.accounts, "linked account is", "linked accounts are")} forgotten here. {provider.name} is
          told to end up to {MOST_ENDED} of them. To end more, use{" "}
          <code>npm run cli -- provider remove {provider.slug}</code>.
        </p>
      </Confirm>
    </Section>
  </Panel>
);

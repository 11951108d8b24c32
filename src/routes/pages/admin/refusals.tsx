import type { AdvisedRefusal, RefusalsOfApp } from "../../../flows/admin/refusals.ts";
import { CodedText } from "../coded-text.tsx";
import { Empty } from "../empty.tsx";
import { Field, Select } from "../form.tsx";
import { Cards } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";

/** How many days back. Refusals are kept for 14 days. */
export const PERIODS = ["1", "3", "14"] as const;

/** How many kinds of refusals a page shows, the latest ones. */
export const MOST_REFUSALS = 10;

type Props = {
  shell: PanelShell;
  now: Date;
  apps: readonly RefusalsOfApp[];
  filter: { readonly client: string; readonly reference: string; readonly days: (typeof PERIODS)[number] };
};

const PATH = "/admin/refusals";

/** The refusals of each app, for an owner who asks why it doesn't connect. */
export const RefusalsPage = ({ shell, now, apps, filter }: Props) => (
  <Panel
    shell={shell}
    title="Refused requests"
    lead="Why apps don’t connect: what each refusal means, and what to change. Error pages show the reference to search for."
  >
    <Toolbar shell={shell} path={PATH} submit="Filter">
      <Field
        name="reference"
        label="Reference"
        type="search"
        value={filter.reference}
        maxlength={40}
        placeholder="From an error page"
      />
      <Field name="client" label="App ID" type="search" value={filter.client} maxlength={2000} />
      <Select
        name="days"
        label="Period"
        value={filter.days}
        options={PERIODS.map((days) => [days, days === "1" ? "Last 24 hours" : `Last ${days} days`])}
      />
    </Toolbar>
    {apps.length === 0 ? (
      <Empty icon="check_circle">
        {filter.reference || filter.client
          ? "Nothing matches. Requests are kept for 14 days, with the last ten references of each kind. The Worker’s log has the others."
          : "Nothing was refused in this period."}
      </Empty>
    ) : (
      apps.map((app) => <RefusedApp key={String(app.clientId)} {...{ shell, now, app }} />)
    )}
    {apps.flatMap(({ refusals }) => refusals).length === MOST_REFUSALS && (
      <p class="quiet">These are the last {MOST_REFUSALS}. Search for an app’s ID or a reference to see others.</p>
    )}
  </Panel>
);

const RefusedApp = ({ shell, now, app }: Pick<Props, "shell" | "now"> & { app: RefusalsOfApp }) => (
  <section class="section">
    <header>
      <h2>
        <AppName shell={shell} app={app} />
      </h2>
    </header>
    <Cards
      items={app.refusals}
      keyOf={({ endpoint, error, reason, said }) => `${endpoint} ${error} ${reason} ${said}`}
      empty=""
      card={(refusal) => <Refusal now={now} refusal={refusal} />}
    />
  </section>
);

const AppName = ({ shell, app }: { shell: PanelShell; app: RefusalsOfApp }) => {
  const { clientId, name, isServer } = app;
  if (clientId === null) return <>Requests that named no app</>;
  const path = isServer
    ? `/admin/resources/${clientId}`
    : `/admin/clients/one?${new URLSearchParams({ id: clientId })}`;
  return (
    <Named name={name ?? "Unknown app"} {...(name === null ? {} : { href: shell.issuer + path })}>
      {isServer ? "server " : ""}
      <code>{clientId}</code>
    </Named>
  );
};

const Refusal = ({ now, refusal }: { now: Date; refusal: AdvisedRefusal }) => {
  const { advice, endpoint, error, said, userAgent, count, lastAt } = refusal;
  const requestIds = refusal.requestIds.slice(0, 3);
  return (
    <>
      <h3>{advice.what}</h3>
      <p>
        <CodedText>{advice.change}</CodedText>
      </p>
      <dl class="facts">
        <dt>When</dt>
        <dd>
          {countOf(count, "time")}, last <Time at={lastAt} now={now} />
        </dd>
        <dt>Answer</dt>
        <dd>
          <code>
            /{endpoint} {error}
          </code>{" "}
          <bdi>{said}</bdi>
        </dd>
        {userAgent && (
          <>
            <dt>Sent by</dt>
            <dd>
              <bdi>{userAgent}</bdi>
            </dd>
          </>
        )}
        <dt>{requestIds.length === 1 ? "Reference" : "References"}</dt>
        <dd>
          {requestIds.map((id, index) => (
            <>
              {index > 0 && " "}
              <code key={id}>{id}</code>
            </>
          ))}
        </dd>
      </dl>
    </>
  );
};

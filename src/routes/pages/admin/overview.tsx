import type { Child } from "hono/jsx";
import type { Overview } from "../../../flows/admin/overview.ts";
import { MOST_IN_OVERVIEW, type OverviewCounts } from "../../../store/overview.ts";
import { Chart } from "../chart.tsx";
import { Icon, type IconName } from "../icon.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";

/** How many days the charts may show. */
export const RANGES = ["14", "30", "90"] as const;

type Props = { shell: PanelShell; overview: Overview; range: (typeof RANGES)[number] };

/** The health of the services, what needs attention, the first steps of a new owner, and the activity. */
export const OverviewPage = ({ shell, overview, range }: Props) => (
  <Panel shell={shell} title="Overview">
    <Numbers shell={shell} counts={overview.counts} />
    <div class="columns">
      <Attention shell={shell} overview={overview} />
      <FirstSteps shell={shell} counts={overview.counts} />
    </div>
    <Charts shell={shell} activity={overview.activity} range={range} />
  </Panel>
);

const Numbers = ({ shell, counts }: { shell: PanelShell; counts: OverviewCounts }) => (
  <ul class="numbers">
    {(
      [
        ["Live connections", counts.connections, "/admin/clients"],
        ["Servers", counts.servers, "/admin/resources"],
        ["Apps", counts.apps, "/admin/clients"],
        ["People", counts.people, "/admin/people"],
      ] as const
    ).map(([title, count, path]) => (
      <li key={title}>
        <a href={shell.issuer + path}>
          <strong>{count === MOST_IN_OVERVIEW ? `${count.toLocaleString("en")}+` : count.toLocaleString("en")}</strong>
          {title}
        </a>
      </li>
    ))}
  </ul>
);

const STORES = { database: "The database", redis: "Redis" } as const;
const STATES = {
  ok: "is working",
  unreachable: "can’t be reached",
  behind: "lacks what this version needs: run npm run db:migrate",
  wrong_isolation_level: "runs at the wrong isolation level",
} as const;

/** Shows whether all is well. */
const Attention = ({ shell, overview }: { shell: PanelShell; overview: Overview }) => {
  const { health, counts, activity } = overview;
  const total = (series: readonly number[]) => series.reduce((sum, count) => sum + count, 0);
  const [secrets, passwords] = [total(activity.wrongSecrets), total(activity.wrongPasswords)];
  const misused = total(activity.misusedTokens);
  const isHealthy = health.database === "ok" && health.redis === "ok";
  const toReview = counts.waitingApps + counts.unreviewed + counts.refusedApps + misused + secrets + passwords;
  const log = (event: string) => `/admin/audit?event=${event}`;
  return (
    <Section title="Is all well?">
      <ul class="checks">
        {(["database", "redis"] as const).map((store) => (
          <Check key={store} tone={health[store] === "ok" ? "good" : "bad"}>
            {STORES[store]} {STATES[health[store]]}.
          </Check>
        ))}
        {counts.waitingApps > 0 && (
          <Check tone="warn">
            <a href={`${shell.issuer}/admin/new-apps`}>{countOf(counts.waitingApps, "new app")}</a> waiting for your
            approval.
          </Check>
        )}
        {counts.unreviewed > 0 && (
          <Check tone="warn">
            <a href={`${shell.issuer}/admin/clients?state=unreviewed`}>{countOf(counts.unreviewed, "app")} in use</a>{" "}
            that you haven’t reviewed.
          </Check>
        )}
        {counts.refusedApps > 0 && (
          <Check tone="warn">
            <a href={`${shell.issuer}/admin/refusals?days=1`}>{countOf(counts.refusedApps, "app")}</a> had a request
            refused in the last day.
          </Check>
        )}
        {misused > 0 && (
          <Check tone="bad">
            <a href={shell.issuer + log("refresh_token_reused")}>{countOf(misused, "misused token")}</a>: somebody may
            have stolen one. The connections have ended.
          </Check>
        )}
        {secrets > 0 && (
          <Check tone="warn">
            <a href={shell.issuer + log("client_authentication_failed")}>{countOf(secrets, "wrong secret")}</a> from
            apps.
          </Check>
        )}
        {passwords > 0 && (
          <Check tone="warn">
            <a href={shell.issuer + log("account_locked")}>{countOf(passwords, "lock-out")}</a> after wrong passwords or
            codes.
          </Check>
        )}
        {overview.newer !== null && (
          <Check tone="todo">
            Version {overview.newer} is out. This is {health.version}. The changelog says what is new.
          </Check>
        )}
        {counts.pendingLinks > 0 && (
          <Check tone="todo">
            <a href={`${shell.issuer}/admin/people`}>{countOf(counts.pendingLinks, "invitation")}</a> not used yet.
          </Check>
        )}
        {counts.unusedCredentials > 0 && (
          <Check tone="todo">
            <a href={`${shell.issuer}/admin/resources?state=unused`}>
              {countOf(counts.unusedCredentials, "server credential")}
            </a>{" "}
            never used yet.
          </Check>
        )}
        {isHealthy && toReview === 0 && <Check tone="good">Nothing needs your attention.</Check>}
      </ul>
    </Section>
  );
};

/** The first steps of a new owner. They disappear once all of them are done. */
const FirstSteps = ({ shell, counts }: { shell: PanelShell; counts: OverviewCounts }) => {
  const steps = [
    [counts.hasRecoveryCodes, "/account/security", "Create recovery codes", "so that you can always get back in"],
    [counts.servers > 0, "/admin/resources", "Add a server", "the MCP server that you want to protect"],
    [counts.connections > 0, "/admin/resources", "Connect an app", "with the lines on the server’s page"],
    [counts.people > 1 || counts.pendingLinks > 0, "/admin/people", "Invite someone", "who may use your servers"],
  ] as const;
  if (steps.every(([done]) => done)) return null;
  return (
    <Section title="First steps">
      <ol class="checks">
        {steps.map(([done, path, title, why]) => (
          <Check key={title} tone={done ? "good" : "todo"} icon={done ? "check_circle" : "circle"}>
            {done ? (
              <>
                {title} <span class="quiet">Done</span>
              </>
            ) : (
              <>
                <a href={shell.issuer + path}>{title}</a>, {why}.
              </>
            )}
          </Check>
        ))}
      </ol>
    </Section>
  );
};

type CheckProps = { tone: "good" | "warn" | "bad" | "todo"; icon?: IconName; children?: Child };

const ICONS = { good: "check_circle", warn: "warning", bad: "warning", todo: "clock" } as const;

const Check = ({ tone, icon, children }: CheckProps) => (
  <li>
    <span class={tone}>
      <Icon name={icon ?? ICONS[tone]} />
    </span>
    <span>{children}</span>
  </li>
);

type ChartsProps = Pick<Props, "shell" | "range"> & { activity: Overview["activity"] };

const Charts = ({ shell, activity, range }: ChartsProps) => (
  <Section title="Activity" lead={`By day, in the time zone ${shell.zone}.`}>
    <nav class="ranges" aria-label="Range">
      {RANGES.map((days) => (
        <a
          key={days}
          class="button small"
          href={`${shell.issuer}/admin?range=${days}`}
          {...(days === range ? { "aria-current": "true" } : {})}
        >
          {days} days
        </a>
      ))}
    </nav>
    <div class="charts">
      <Chart title="Sign-ins" days={activity.days} series={[{ label: "Sign-ins", counts: activity.signIns }]} />
      <Chart
        title="New access"
        days={activity.days}
        series={[
          { label: "Connections", counts: activity.connected },
          { label: "Machines", counts: activity.machines },
        ]}
      />
      <Chart
        title="Connections in use"
        days={activity.days}
        series={[{ label: "Connections in use", counts: activity.inUse }]}
        recurring
      />
      <Chart
        title="Refused"
        days={activity.days}
        bad
        series={[
          { label: "Misused tokens", counts: activity.misusedTokens },
          { label: "Wrong secrets", counts: activity.wrongSecrets },
          { label: "Lock-outs", counts: activity.wrongPasswords },
        ]}
      />
    </div>
  </Section>
);

import type { Config } from "../../../config.ts";
import { capitalize } from "../../../lib/capitalize.ts";
import { clientTrust } from "../../../oauth/client-trust.ts";
import type { AppRequest } from "../../../store/app-requests.ts";
import type { AppRule } from "../../../store/app-rules.ts";
import type { UnusedClients } from "../../../store/unused-clients.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { TrustBadge } from "../client-trust.tsx";
import { Confirm } from "../confirm.tsx";
import { ConfirmPage } from "../confirm-page.tsx";
import { Creation } from "../creation.tsx";
import { Action, Field, Form, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { DECISIONS, describeApps } from "./app-rule-words.ts";
import { clientPath } from "./clients.tsx";
import { personPath } from "./people.tsx";

type Props = {
  shell: PanelShell;
  now: Date;
  requests: readonly AppRequest[];
  rules: readonly AppRule[];
  unused: UnusedClients;
  policy: Config["registrationPolicy"];
  refused: RefusedForm | null;
};

const PATH = "/admin/new-apps";

/** Which apps may come in: those that wait for the owner's decision, and the rules. */
export const NewAppsPage = ({ shell, now, requests, rules, unused, policy, refused }: Props) => (
  <Panel
    shell={shell}
    title="New apps"
    lead="Decide which apps people may connect. Apps that you registered yourself are always let in."
  >
    <Requests shell={shell} now={now} requests={requests} />
    <Section
      title="Rules"
      lead="One rule applies to where an app comes from, and one to where it sends people. An app is let in if both let it in."
    >
      <Creation title="Add a rule" plain={requests.length > 0} open={refused !== null}>
        <Form shell={shell} to={PATH} refused={refused}>
          <div class="fields">
            <Select name="kind" label="Which apps" options={KINDS} />
            <Field
              name="pattern"
              label="Host"
              hint="Like example.com or *.example.com; for where people are sent also loopback or an app scheme like cursor:. Leave it empty for all."
              maxlength={300}
              spellcheck={false}
              autocapitalize="off"
            />
            <Select name="decision" label="What happens" options={Object.entries(DECISIONS)} value="ask" />
          </div>
          <p class="hint">Apps that a rule keeps out lose their connections at once.</p>
          <button type="submit">Save the rule</button>
        </Form>
      </Creation>
      <Rules shell={shell} rules={rules} />
      {policy !== "open" && (
        <p class="hint">
          {policy === "closed" ? "No app can register itself" : "Apps need a token to register themselves"}, since{" "}
          <code>REGISTRATION_POLICY={policy}</code>.
        </p>
      )}
    </Section>
    <Section title="Never used">
      <p>
        {unused.waiting === 0
          ? "Every app here has been given access."
          : `${countOf(unused.waiting, "app")} never got access.`}{" "}
        An app that doesn’t get access within {unused.days} days is removed automatically.
        {unused.gone > 0 &&
          ` In the last ${unused.days} days, ${countOf(unused.gone, "app was", "apps were")} removed.`}
      </p>
    </Section>
  </Panel>
);

const KINDS = [
  ["document", "Apps with a metadata document, by its host"],
  ["registered", "Apps that register themselves, all of them"],
  ["redirect", "Apps that send people to a host"],
] as const;

type RequestsProps = Pick<Props, "shell" | "now" | "requests">;

const Requests = ({ shell, now, requests }: RequestsProps) => (
  <Section title="Waiting for you" lead="Approving an app lets everyone connect it, until it changes.">
    <Table
      label="Apps waiting for you"
      items={requests}
      keyOf={({ id }) => id}
      icon="clock"
      empty="No apps are waiting for your approval."
      columns={[
        {
          title: "App",
          cell: ({ clientId, clientName }) => (
            <Named name={clientName} href={shell.issuer + clientPath(clientId)}>
              <code>{clientId}</code>
            </Named>
          ),
        },
        {
          title: "Sends people to",
          cell: ({ clientId, registration, redirectHost }) => (
            <div>
              <Goal host={redirectHost} />{" "}
              <TrustBadge trust={clientTrust({ id: clientId, registration, approved: false })} />
            </div>
          ),
        },
        {
          title: "Asked for by",
          cell: ({ id, email, resourceName, requestedAt }) => (
            <div>
              <a href={shell.issuer + personPath(email)}>
                <bdi>{email}</bdi>
              </a>{" "}
              <span class="quiet">
                for <bdi>{resourceName}</bdi>, <Time at={requestedAt} now={now} />, reference{" "}
                <code>{id.slice(0, 8)}</code>
              </span>
            </div>
          ),
        },
        { title: "Decide", cell: (request) => <Decide shell={shell} request={request} /> },
      ]}
    />
  </Section>
);

const Goal = ({ host }: { host: string | null }) => {
  if (host === null) return "A device";
  return host === "loopback" ? "Their own computer" : <code>{host}</code>;
};

const Decide = ({ shell, request }: { shell: PanelShell; request: AppRequest }) => {
  const { id, clientId, clientName, fingerprint } = request;
  return (
    <div class="buttons">
      <Action
        shell={shell}
        to="/admin/clients"
        fields={{ id: clientId, change: "approve", fingerprint }}
        label={`Approve ${clientName}`}
      >
        Approve
      </Action>
      <Confirm
        shell={shell}
        id={`refuse-${id}`}
        to="/admin/clients"
        fields={{ id: clientId, change: "block" }}
        action="Refuse"
        label={`Refuse ${clientName}`}
        title={`Refuse ${clientName}?`}
      >
        <p>Nobody can connect it until you unblock it on its page.</p>
      </Confirm>
    </div>
  );
};

/** What applies without any rule. */
const DEFAULTS: readonly (readonly [AppRule["kind"], string])[] = [
  ["document", "*"],
  ["registered", "*"],
  ["redirect", "*"],
  ["redirect", "loopback"],
  ["redirect", "*:"],
];

const Rules = ({ shell, rules }: Pick<Props, "shell" | "rules">) => {
  const isSet = ([kind, pattern]: (typeof DEFAULTS)[number]) =>
    rules.some((rule) => rule.kind === kind && rule.pattern === pattern);
  const unset = DEFAULTS.filter((each) => !isSet(each)).map(([kind, pattern]) => ({ kind, pattern, decision: null }));
  return (
    <Table
      label="Rules"
      items={[...rules, ...unset]}
      keyOf={({ kind, pattern }) => `${kind} ${pattern}`}
      icon="registration"
      empty=""
      columns={[
        { title: "Which", cell: ({ kind, pattern }) => capitalize(describeApps(kind, pattern)) },
        { title: "What happens", cell: ({ decision }) => <Decision decision={decision} /> },
        {
          title: "Change",
          cell: ({ kind, pattern, decision }) =>
            decision !== null && (
              <a
                class="button small danger"
                href={`${shell.issuer}${PATH}/remove?${new URLSearchParams({ kind, pattern })}`}
                aria-label={`Remove the rule for ${describeApps(kind, pattern)}`}
              >
                Remove
              </a>
            ),
        },
      ]}
    />
  );
};

type RemovalProps = { shell: PanelShell; rule: AppRule };

/** Asks before a rule is removed. */
export const RuleRemovalPage = ({ shell, rule: { kind, pattern, decision } }: RemovalProps) => (
  <ConfirmPage
    shell={shell}
    title={`Remove the rule for ${describeApps(kind, pattern)}?`}
    back={{ path: PATH, name: "New apps" }}
    to={`${PATH}/remove`}
    fields={{ kind, pattern }}
    action="Remove the rule"
  >
    <p>
      The rule says: <Decision decision={decision} />
    </p>
    <p>
      The other rules decide about these apps then, and an app that no rule is about is let in. Apps that are kept out
      lose their connections at once.
    </p>
  </ConfirmPage>
);

const Decision = ({ decision }: { decision: AppRule["decision"] | null }) => {
  if (decision === null) return <>Let in</>;
  const tone = { welcome: "good", ask: "warn", refuse: "bad" } as const;
  return <Badge tone={tone[decision]}>{DECISIONS[decision] ?? decision}</Badge>;
};

import { ISSUER_PRESETS } from "../../../oauth/trusted-issuer.ts";
import type { ListedIssuer } from "../../../store/trusted-issuers.ts";
import type { ListedWorkload } from "../../../store/workloads.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Creation } from "../creation.tsx";
import { Action, Checkbox, Field, Form, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { NewProgram, Programs } from "./workloads.tsx";

type Props = {
  shell: PanelShell;
  issuers: readonly ListedIssuer[];
  workloads: readonly ListedWorkload[];
  /** The servers that a program can be for, by URI and name. */
  servers: readonly (readonly [uri: string, name: string])[];
  refused: { readonly issuer?: RefusedForm; readonly program?: RefusedForm };
};

const PATH = "/admin/issuers";

/** Who lets people and programs in without a page: the trusted issuers, and the programs of their rules. */
export const IssuersPage = ({ shell, issuers, workloads, servers, refused }: Props) => (
  <Panel
    shell={shell}
    title="Issuers"
    lead="Let your identity provider vouch for people, so that their apps connect without a question. Let services like GitHub Actions vouch for programs, so that those need no secret."
  >
    <Section title="Trusted issuers">
      <NewIssuer shell={shell} refused={refused.issuer ?? null} />
      <Issuers shell={shell} issuers={issuers} />
    </Section>
    <Section title="Programs" lead="A program is let in if the token from its issuer has the claims that you list.">
      {issuers.length > 0 && <NewProgram {...{ shell, issuers, servers }} refused={refused.program ?? null} />}
      <Programs shell={shell} workloads={workloads} hasIssuer={issuers.length > 0} />
    </Section>
  </Panel>
);

const Issuers = ({ shell, issuers }: Pick<Props, "shell" | "issuers">) => (
  <Table
    label="Trusted issuers"
    items={issuers}
    keyOf={({ name }) => name}
    icon="globe"
    empty="No trusted issuers yet. Add your identity provider, or the service where your programs run."
    columns={[
      {
        title: "Issuer",
        cell: ({ name, issuer, isEnabled }) => (
          <>
            <Named name={name}>
              <code>{issuer}</code>
            </Named>{" "}
            {!isEnabled && <Badge tone="bad">Off</Badge>}
          </>
        ),
      },
      { title: "Lets in", cell: (issuer) => describeTrust(issuer) },
      {
        title: "Change",
        cell: ({ name, isEnabled, people, workloads }) => (
          <div class="buttons">
            {isEnabled ? (
              <Confirm
                shell={shell}
                id={`off-${name}`}
                to={`${PATH}/off`}
                fields={{ name }}
                action="Turn off"
                label={`Turn off ${name}`}
                title={`Turn off ${name}?`}
                class="small"
              >
                <p>
                  Nobody can come in through it, and every connection that it let in ends at once. These stay ended if
                  you turn it on again.
                </p>
              </Confirm>
            ) : (
              <Action shell={shell} to={`${PATH}/on`} fields={{ name }} label={`Turn on ${name}`}>
                Turn on
              </Action>
            )}
            <Confirm
              shell={shell}
              id={`remove-${name}`}
              to={`${PATH}/remove`}
              fields={{ name }}
              action="Remove"
              label={`Remove ${name}`}
              title={`Remove ${name}?`}
            >
              <p>
                {people + workloads === 0
                  ? "Nobody has come in through it yet."
                  : `It let in ${countOf(people, "person", "people")} and ${countOf(workloads, "program")}. Their access through it ends at once, and the programs are deleted.`}{" "}
                This can’t be undone.
              </p>
            </Confirm>
          </div>
        ),
      },
    ]}
  />
);

function describeTrust({ vouches, joining, linksAddresses, refreshes, workloads, tenant }: ListedIssuer): string {
  if (!vouches) return workloads === 0 ? "No programs yet" : countOf(workloads, "program");
  const joiners = joining.includes("everybody")
    ? "Everybody it names"
    : joining.length > 0
      ? `People of ${joining.map((rule) => rule.replace("domain:", "")).join(" and ")}`
      : "People who are here already";
  const more = [
    tenant === null ? null : `of the tenant ${tenant}`,
    linksAddresses ? "known by their address too" : null,
    refreshes ? "for as long as a connection lasts" : null,
    workloads > 0 ? countOf(workloads, "program") : null,
  ];
  return [joiners, ...more.filter((each) => each !== null)].join(", ");
}

const KINDS = [
  ["people", "Your people, by an identity provider"],
  ...Object.entries(ISSUER_PRESETS).map(([kind, { label }]) => [kind, label] as const),
] as const;

const NewIssuer = ({ shell, refused }: { shell: PanelShell; refused: RefusedForm | null }) => (
  <Creation title="Trust an issuer" open={refused !== null}>
    <Form shell={shell} to={PATH} refused={refused}>
      <div class="fields">
        <Select name="kind" label="What it vouches for" options={KINDS} />
        <Field name="name" label="Name" hint="Lower-case, like acme." required maxlength={32} autocapitalize="off" />
        <Field
          name="issuer"
          label="Issuer URL"
          hint="Exactly as its tokens have it. Leave empty for GitHub Actions and gitlab.com."
          maxlength={500}
          spellcheck={false}
          autocapitalize="off"
        />
        <Field
          name="joining"
          label="Who may join"
          hint="Only for people. Write everybody, or domains like domain:example.com. Leave empty for nobody new."
          maxlength={500}
          spellcheck={false}
          autocapitalize="off"
        />
        <Field
          name="tenant"
          label="Tenant"
          hint="Only for an identity provider with many organizations under one address."
          maxlength={200}
          spellcheck={false}
          autocapitalize="off"
        />
      </div>
      <p>
        <Checkbox name="addresses" checked={false}>
          Recognize people by an email address that it has verified
        </Checkbox>
      </p>
      <p>
        <Checkbox name="refresh" checked={false}>
          Let apps stay connected without asking it again
        </Checkbox>
      </p>
      <button type="submit">Trust issuer</button>
    </Form>
  </Creation>
);

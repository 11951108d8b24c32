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
    lead="Your organization’s identity provider lets its people’s apps in without a page. Other issuers sign for programs, which need no secret then."
  >
    <Section title="Trusted issuers">
      <Issuers shell={shell} issuers={issuers} />
      <NewIssuer shell={shell} refused={refused.issuer ?? null} />
    </Section>
    <Section title="Programs" lead="A program gets in if its issuer’s token says what you named.">
      <Programs shell={shell} workloads={workloads} />
      {issuers.length > 0 && <NewProgram {...{ shell, issuers, servers }} refused={refused.program ?? null} />}
    </Section>
  </Panel>
);

const Issuers = ({ shell, issuers }: Pick<Props, "shell" | "issuers">) => (
  <Table
    label="Trusted issuers"
    items={issuers}
    keyOf={({ name }) => name}
    icon="globe"
    empty="No issuer is trusted yet."
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
          <>
            <Action
              shell={shell}
              to={`${PATH}/${isEnabled ? "off" : "on"}`}
              fields={{ name }}
              label={`Turn ${isEnabled ? "off" : "on"} ${name}`}
            >
              {isEnabled ? "Turn off" : "Turn on"}
            </Action>{" "}
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
                {countOf(people, "person", "people")} and {countOf(workloads, "program")} came by it. Everything that
                they got by it ends at once, and the programs are deleted. This can’t be undone.
              </p>
            </Confirm>
          </>
        ),
      },
    ]}
  />
);

function describeTrust({ vouches, joining, linksAddresses, refreshes, workloads, tenant }: ListedIssuer): string {
  if (!vouches) return `Programs: ${workloads}`;
  const joiners = joining.includes("everybody")
    ? "Everybody it names"
    : joining.length > 0
      ? joining.map((rule) => `People of ${rule.replace("domain:", "")}`).join(", ")
      : "People who are here already";
  const more = [
    tenant === null ? null : `of the tenant ${tenant}`,
    linksAddresses ? "known by their address too" : null,
    refreshes ? "for as long as a connection lasts" : null,
    workloads > 0 ? `programs: ${workloads}` : null,
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
        <Select name="kind" label="Whom it lets in" options={KINDS} />
        <Field name="name" label="Name" hint="Lower-case, like acme." required maxlength={32} autocapitalize="off" />
        <Field
          name="issuer"
          label="Its address"
          hint="Exactly as it writes it itself. Leave it empty for GitHub Actions and gitlab.com."
          maxlength={500}
          spellcheck={false}
          autocapitalize="off"
        />
        <Field
          name="joining"
          label="Who may join"
          hint="Only for people: everybody, or domains like domain:example.com. Leave it empty to let nobody new in."
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
          An address that it has verified stands for the person who has it here
        </Checkbox>
      </p>
      <p>
        <Checkbox name="refresh" checked={false}>
          Apps stay connected without asking it again
        </Checkbox>
      </p>
      <button type="submit">Trust it</button>
    </Form>
  </Creation>
);

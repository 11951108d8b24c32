import type { ListedWorkload } from "../../../store/workloads.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form, Select, TextArea } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import type { PanelShell } from "../panel.tsx";
import { clientPath } from "./clients.tsx";

const PATH = "/admin/issuers";

type ProgramsProps = { shell: PanelShell; workloads: readonly ListedWorkload[]; hasIssuer: boolean };

/** The programs that rules let in. */
export const Programs = ({ shell, workloads, hasIssuer }: ProgramsProps) => (
  <Table
    label="Programs"
    items={workloads}
    keyOf={({ clientId }) => clientId}
    icon="apps"
    empty={hasIssuer ? "No programs yet." : "No programs yet. Trust the issuer that vouches for them first."}
    columns={[
      {
        title: "Program",
        cell: ({ clientId, name, isBlocked }) => (
          <>
            <Named name={name} href={shell.issuer + clientPath(clientId)}>
              <code>{clientId}</code>
            </Named>{" "}
            {isBlocked && <Badge tone="bad">Blocked</Badge>}
          </>
        ),
      },
      {
        title: "If its token has",
        cell: ({ issuer, claims }) => (
          <div>
            {issuer}:{" "}
            {Object.entries(claims).map(([claim, pattern]) => (
              <>
                <code key={claim}>
                  {claim}={pattern}
                </code>{" "}
              </>
            ))}
          </div>
        ),
      },
      { title: "May use", cell: ({ server, scope }) => `${server}: ${scope}` },
      {
        title: "Change",
        cell: ({ clientId, name }) => (
          <Confirm
            shell={shell}
            id={`remove-${clientId}`}
            to={`${PATH}/programs/remove`}
            fields={{ id: clientId }}
            action="Remove"
            label={`Remove ${name}`}
            title={`Remove ${name}?`}
          >
            <p>It loses access at once. This can’t be undone.</p>
          </Confirm>
        ),
      },
    ]}
  />
);

type NewProgramProps = {
  shell: PanelShell;
  issuers: readonly { readonly name: string }[];
  /** The servers that it can be for, by URI and name. */
  servers: readonly (readonly [uri: string, name: string])[];
  refused: RefusedForm | null;
};

/** The form that lets another in. */
export const NewProgram = ({ shell, issuers, servers, refused }: NewProgramProps) => (
  <Creation title="Let a program in" plain open={refused !== null}>
    <Form shell={shell} to={`${PATH}/programs`} refused={refused}>
      <div class="fields">
        <Field name="program" label="Name" id="program-name" required maxlength={200} />
        <Select name="by" label="Issuer" options={issuers.map(({ name }) => [name, name] as const)} />
        <Select name="server" label="Server" options={servers} />
        <Field
          name="scope"
          label="Permissions"
          hint="By name, separated by spaces. It gets no others."
          required
          maxlength={2000}
          spellcheck={false}
          autocapitalize="off"
        />
        <TextArea
          name="claims"
          label="Claims that its token must have"
          hint="One a line, as name=value. A star stands for anything, as in repository=acme/*."
          placeholder={"repository=acme/site\nref=refs/heads/main"}
        />
        <Field
          name="audience"
          label="Audience"
          hint="What its token names as its audience. Leave empty for this service, which is safest."
          maxlength={500}
          spellcheck={false}
          autocapitalize="off"
        />
      </div>
      <button type="submit">Let program in</button>
    </Form>
  </Creation>
);

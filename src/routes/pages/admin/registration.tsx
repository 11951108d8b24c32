import type { Config } from "../../../config.ts";
import type { InitialAccessToken } from "../../../store/initial-access-tokens.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form } from "../form.tsx";
import { Table } from "../list.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Time } from "../time.tsx";

const POLICIES = {
  open: "Any app can register itself.",
  token: "An app needs a registration token to register itself.",
  closed: "No app can register itself.",
};

type Props = {
  frame: PanelFrame;
  now: Date;
  policy: Config["registrationPolicy"];
  tokens: readonly InitialAccessToken[];
  /** A token that was just made; it is shown this once. */
  made: string | null;
  refused: RefusedForm | null;
};

/** Which apps may register. */
export const RegistrationPage = ({ frame, now, policy, tokens, made, refused }: Props) => (
  <Panel
    frame={frame}
    title="Registration"
    lead={
      <>
        {POLICIES[policy]} Apps with a metadata document don’t need to register. Set by{" "}
        <code>REGISTRATION_POLICY={policy}</code>.
      </>
    }
  >
    {made && <Secret title="Copy the registration token." values={[made]} />}
    <Creation title="Create a token" open={refused !== null}>
      <Form frame={frame} to="/admin/registration" refused={refused}>
        <div class="fields">
          <Field name="label" label="Name" hint="What the token is for." required maxlength={100} />
          <Field name="uses" label="Number of apps" hint="Leave empty for any number." type="number" />
          <Field name="days" label="Days until it expires" hint="Leave empty for no end." type="number" />
          <Field name="resource" label="Server URL" hint="Leave empty for all servers." type="url" maxlength={2000} />
        </div>
        <button type="submit">Create token</button>
      </Form>
    </Creation>
    <Table
      label="Registration tokens"
      items={tokens}
      keyOf={({ id }) => id}
      icon="registration"
      empty="No registration tokens yet. A token lets an app register while registration is restricted."
      columns={[
        { title: "Name", cell: ({ label }) => <bdi>{label}</bdi> },
        { title: "State", cell: (token) => <TokenState token={token} now={now} /> },
        { title: "Apps left", cell: ({ usesLeft }) => (usesLeft === null ? "Any number" : String(usesLeft)) },
        { title: "Server", cell: ({ resourceUri }) => (resourceUri === null ? "All" : <code>{resourceUri}</code>) },
        {
          title: "Actions",
          cell: (token) =>
            !token.revoked &&
            !isOver(token, now) && (
              <Confirm
                frame={frame}
                id={`revoke-${token.id}`}
                to="/admin/registration/revoke"
                fields={{ token: token.id }}
                action="Revoke"
                label={`Revoke ${token.label}`}
                title={`Revoke ${token.label}?`}
              >
                <p>No app can register with it any more. Apps that already did stay registered.</p>
              </Confirm>
            ),
        },
      ]}
    />
  </Panel>
);

const isOver = ({ expiresAt }: InitialAccessToken, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now.getTime() / 1000;

const TokenState = ({ token, now }: { token: InitialAccessToken; now: Date }) => {
  if (token.revoked) return <Badge tone="bad">Revoked</Badge>;
  if (token.usesLeft === 0) return <Badge>Used up</Badge>;
  if (token.expiresAt === null) return <Badge tone="good">Active</Badge>;
  return (
    <>
      {isOver(token, now) ? <Badge>Expired</Badge> : <Badge tone="good">Active</Badge>}
      <span class="quiet">
        {isOver(token, now) ? " Expired " : " Expires "}
        <Time at={token.expiresAt} now={now} />
      </span>
    </>
  );
};

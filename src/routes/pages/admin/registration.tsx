import type { Config } from "../../../config.ts";
import type { PageOf } from "../../../flows/admin/page.ts";
import type { InitialAccessToken, TokenState as ListedState } from "../../../store/initial-access-tokens.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form, Hidden, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { countOf, hrefOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";

const POLICIES = {
  open: "Any app can register itself.",
  token: "An app needs a registration token to register itself.",
  closed: "No app can register itself.",
};

type TokenListQuery = {
  readonly search: string;
  readonly state: ListedState | "";
  readonly order: "oldest" | "";
};

const PATH = "/admin/registration";
const STATES = [
  ["", "All tokens"],
  ["active", "Active"],
  ["ended", "Ended"],
] as const;

type Props = {
  shell: PanelShell;
  now: Date;
  policy: Config["registrationPolicy"];
  tokens: PageOf<InitialAccessToken>;
  query: TokenListQuery;
  page: number;
  /** A token that was just made and is shown this once. */
  made: string | null;
  refused: RefusedForm | null;
};

/** Which apps may register. */
export const RegistrationPage = ({ shell, now, policy, tokens, query, page, made, refused }: Props) => (
  <Panel
    shell={shell}
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
      <Form shell={shell} to={PATH} refused={refused}>
        <div class="fields">
          <Field name="label" label="Name" hint="What the token is for." required maxlength={100} />
          <Field name="uses" label="Number of apps" hint="Leave empty for any number." type="number" />
          <Field name="days" label="Days until it expires" hint="Leave empty for no end." type="number" />
          <Field name="resource" label="Server URL" hint="Leave empty for all servers." type="url" maxlength={2000} />
        </div>
        <button type="submit">Create token</button>
      </Form>
    </Creation>
    {(tokens.items.length > 0 || page > 1 || query.search !== "" || query.state !== "") && (
      <Toolbar shell={shell} path={PATH}>
        <Field id="search" name="search" label="Part of the name" type="search" value={query.search} maxlength={100} />
        <Select name="state" label="Show" value={query.state} options={STATES} />
        <Hidden fields={query.order ? { order: query.order } : {}} />
      </Toolbar>
    )}
    <Table
      label="Registration tokens"
      items={tokens.items}
      keyOf={({ id }) => id}
      icon="registration"
      empty={nothingFound(
        query.search === "" && query.state === ""
          ? "No registration tokens yet. A token lets an app register while registration is restricted."
          : "No token matches.",
        tokens.next,
      )}
      columns={[
        { title: "Name", cell: ({ label }) => <bdi>{label}</bdi> },
        { title: "State", cell: (token) => <TokenState token={token} now={now} /> },
        { title: "Apps left", cell: ({ usesLeft }) => (usesLeft === null ? "Any number" : String(usesLeft)) },
        { title: "Server", cell: ({ resourceUri }) => (resourceUri === null ? "All" : <code>{resourceUri}</code>) },
        {
          title: "Created",
          cell: ({ createdAt }) => <Time at={createdAt} now={now} />,
          sort: {
            href: hrefOf(shell, PATH, { ...query, order: query.order === "" ? "oldest" : "" }),
            direction: query.order === "" ? "descending" : "ascending",
          },
        },
        {
          title: "Actions",
          cell: (token) =>
            !token.revoked &&
            !isOver(token, now) && (
              <Confirm
                shell={shell}
                id={`revoke-${token.id}`}
                to="/admin/registration/revoke"
                fields={{ token: token.id }}
                action="Revoke"
                label={`Revoke ${token.label}`}
                title={`Revoke ${token.label}?`}
              >
                <p>Apps can no longer register with it. Those that already did stay registered.</p>
              </Confirm>
            ),
        },
      ]}
    />
    <Pager
      shell={shell}
      path={PATH}
      query={query}
      next={tokens.next === null ? null : { after: tokens.next }}
      page={page}
      shown={countOf(tokens.items.length, "token")}
    >
      {query.order === "" ? "Older" : "Newer"}
    </Pager>
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
        {isOver(token, now) ? " " : " Expires "}
        <Time at={token.expiresAt} now={now} />
      </span>
    </>
  );
};

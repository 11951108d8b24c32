import type { Config } from "../../../config.ts";
import type { InitialAccessToken } from "../../../store/initial-access-tokens.ts";
import type { RefusedForm } from "../../fields.ts";
import { Action, Field, Form } from "../form.tsx";
import { Cards } from "../list.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Time } from "../time.tsx";

const POLICIES = {
  open: "Any app may register itself.",
  token: "An app needs an initial access token to register itself.",
  closed: "No app may register itself.",
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

/** Who may register apps. */
export const RegistrationPage = ({ frame, now, policy, tokens, made, refused }: Props) => (
  <Panel frame={frame} title="Registration">
    <p>
      {POLICIES[policy]} Apps with a metadata document need not register.{" "}
      <span class="quiet">
        Set by <code>REGISTRATION_POLICY={policy}</code>.
      </span>
    </p>
    <h2>Initial access tokens</h2>
    {made && <Secret title="The token." values={[made]} />}
    <Cards
      items={tokens}
      keyOf={({ id }) => id}
      empty="There is none."
      card={(token) => (
        <>
          <h3>
            <bdi>{token.label}</bdi>
            {token.revoked && <span class="badge bad">revoked</span>}
          </h3>
          <p class="quiet">
            {token.usesLeft === null ? "Any number of apps" : `${token.usesLeft} more`}
            {token.expiresAt !== null && (
              <>
                , ends <Time at={token.expiresAt} now={now} />
              </>
            )}
            {token.resourceUri !== null && (
              <>
                , only for <code>{token.resourceUri}</code>
              </>
            )}
          </p>
          {!token.revoked && (
            <Action
              frame={frame}
              to="/admin/registration/revoke"
              fields={{ token: token.id }}
              label={`Revoke ${token.label}`}
            >
              Revoke
            </Action>
          )}
        </>
      )}
    />
    <h2>Make one</h2>
    <Form frame={frame} to="/admin/registration" refused={refused}>
      <div class="fields">
        <Field name="label" label="What it is for" required maxlength={100} />
        <Field name="uses" label="How many apps (empty: any number)" type="number" />
        <Field name="days" label="How many days (empty: for ever)" type="number" />
        <Field name="resource" label="Only for this MCP server (empty: any)" type="url" maxlength={2000} />
      </div>
      <button type="submit" class="small">
        Make a token
      </button>
    </Form>
  </Panel>
);

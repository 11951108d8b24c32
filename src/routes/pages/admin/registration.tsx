import type { Config } from "../../../config.ts";
import type { InitialAccessToken } from "../../../store/initial-access-tokens.ts";
import { Field, Problem } from "../field.tsx";
import { Action, Panel, type PanelFrame } from "../panel.tsx";
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
  problem: string | null;
};

/** Who may register apps. */
export const RegistrationPage = ({ frame, now, policy, tokens, made, problem }: Props) => (
  <Panel frame={frame} title="Registration">
    <p>
      {POLICIES[policy]} Apps with a metadata document need not register.{" "}
      <span class="quiet">
        Set by <code>REGISTRATION_POLICY={policy}</code>.
      </span>
    </p>
    <h2>Initial access tokens</h2>
    {made && (
      <div class="secret" role="status">
        <strong>The token. It is not shown again.</strong>
        <code>{made}</code>
      </div>
    )}
    {tokens.length === 0 && <p class="empty">There is none.</p>}
    <ul class="cards">
      {tokens.map((token) => (
        <li key={token.id}>
          <article>
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
          </article>
        </li>
      ))}
    </ul>
    <h2>Make one</h2>
    <Problem text={problem} />
    <form method="post" action={`${frame.issuer}/admin/registration`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <div class="fields">
        <Field name="label" label="What it is for" required maxlength={100} />
        <Field name="uses" label="How many apps (empty: any number)" type="number" />
        <Field name="days" label="How many days (empty: for ever)" type="number" />
        <Field
          name="resource"
          label="Only for this MCP server (empty: any)"
          type="url"
          maxlength={2000}
          problem={problem === null ? undefined : "problem"}
        />
      </div>
      <button type="submit" class="small">
        Make a token
      </button>
    </form>
  </Panel>
);

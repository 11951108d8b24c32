import type { CredentialView } from "../../../flows/account/credentials.ts";
import { Action, NewPasswordField, Problem } from "../form.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { PasskeyForm } from "../passkey-form.tsx";
import { Time } from "../time.tsx";

type Props = {
  frame: PanelFrame;
  now: Date;
  credentials: CredentialView;
  /** What was wrong with the password that was chosen, or null. */
  problem: string | null;
  /** The sign-in that makes changes possible. */
  signIn: string;
};

/** What the person signs in with. Changing any of it takes a fresh sign-in. */
export const SecurityPage = ({ frame, now, credentials, problem, signIn }: Props) => {
  const { offer } = credentials;
  return (
    <Panel frame={frame} title="Security" script="passkeys.js">
      {!offer && (
        <p class="warning">
          To change any of this, <a href={signIn}>sign in once more</a>. It keeps whoever finds your browser open from
          taking your account.
        </p>
      )}
      <h2>Passkeys</h2>
      {credentials.passkeys.length === 0 && <p class="empty">You have none. A passkey can’t be guessed or phished.</p>}
      <ul class="cards">
        {credentials.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <article>
              <h3>
                <bdi>{passkey.name}</bdi>
                {passkey.backedUp && <span class="badge">synced</span>}
              </h3>
              <p class="quiet">
                Made <Time at={passkey.createdAt} now={now} />
                {passkey.lastUsedAt !== null && (
                  <>
                    , last used <Time at={passkey.lastUsedAt} now={now} />
                  </>
                )}
              </p>
              {offer && (
                <Action
                  frame={frame}
                  to="/account/passkeys/remove"
                  fields={{ passkey: passkey.id }}
                  label={`Remove ${passkey.name}`}
                >
                  Remove
                </Action>
              )}
            </article>
          </li>
        ))}
      </ul>
      {offer && (
        <>
          <PasskeyForm frame={frame} to="/account/passkeys" kind="create" offer={offer}>
            <div>
              <label for="passkey-name">Name of a new passkey</label>
              <input id="passkey-name" name="name" maxlength={100} placeholder="This laptop" />
              <button type="submit" class="small">
                Add a passkey
              </button>
            </div>
          </PasskeyForm>
          <noscript>
            <p class="quiet">Adding a passkey takes script.</p>
          </noscript>
        </>
      )}
      <h2>Password</h2>
      <p class="quiet">
        {credentials.hasPassword ? "You have one." : "You have none."} At least 8 characters, with upper and lower case
        and a digit.
      </p>
      {offer && (
        <form method="post" action={`${frame.issuer}/account/password`}>
          <input type="hidden" name="csrf" value={frame.csrf} />
          <Problem text={problem} />
          <input type="hidden" name="username" autocomplete="username" value={frame.email} />
          <NewPasswordField label="New password" hasProblem={problem !== null} />
          <button type="submit" class="small">
            {credentials.hasPassword ? "Change the password" : "Set a password"}
          </button>
        </form>
      )}
      <h2>Recovery codes</h2>
      <p class="quiet">
        {credentials.recoveryCodes === 0
          ? "You have none. They are the way back in when passkeys and password are lost."
          : `${credentials.recoveryCodes} are left. New ones make these void.`}
      </p>
      {offer && (
        <Action frame={frame} to="/account/recovery-codes">
          Make recovery codes
        </Action>
      )}
    </Panel>
  );
};

/** New recovery codes, this once. */
export const RecoveryCodesPage = ({ frame, codes }: { frame: PanelFrame; codes: readonly string[] }) => (
  <Panel frame={frame} title="Your recovery codes">
    <p class="warning">
      Write these down or print them now. They are not shown again, and each works once. Whoever has one can sign in as
      you.
    </p>
    <ol class="codes">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ol>
    <p>
      <a href={`${frame.issuer}/account/security`}>I have them</a>
    </p>
  </Panel>
);

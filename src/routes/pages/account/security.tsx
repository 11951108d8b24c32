import type { CredentialView } from "../../../flows/account/credentials.ts";
import type { IdentitiesView } from "../../../flows/account/identities.ts";
import type { PasskeyOffer } from "../../../flows/login/passkey.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Action, Field, Form, NewPasswordField, Problem } from "../form.tsx";
import { Icon } from "../icon.tsx";
import { Cards } from "../list.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { PasskeyForm } from "../passkey-form.tsx";
import { Section } from "../section.tsx";
import { ExactTime, LastUse } from "../time.tsx";
import { Undo } from "../undo.tsx";
import { Identities } from "./identities.tsx";

type RenamedPasskey = { readonly passkey: string; readonly was: string };

type Props = {
  shell: PanelShell;
  now: Date;
  credentials: CredentialView;
  others: IdentitiesView;
  /** The passkey that was just renamed, with its name until then. */
  renamed: RenamedPasskey | null;
  /** The problem with the submitted form. */
  refused: RefusedForm | null;
  /** The address of the sign-in that makes changes possible. */
  signIn: string;
};

/** The person's credentials. Changing any of them takes a fresh sign-in. */
export const SecurityPage = ({ shell, now, credentials, others, renamed, refused, signIn }: Props) => (
  <Panel shell={shell} title="Security" lead="How you sign in." script="passkeys.js">
    {!credentials.offer && (
      <p class="warning">
        To change anything here, <a href={signIn}>sign in again</a>. That keeps anyone who finds your browser open from
        taking over your account.
      </p>
    )}
    {refused && !hasForm(credentials, refused) && <Problem text={refused.problem} />}
    {renamed && credentials.offer && (
      <Undo shell={shell} to="/account/passkeys/rename" fields={{ passkey: renamed.passkey, name: renamed.was }}>
        The name of the passkey can be changed back.
      </Undo>
    )}
    <Passkeys {...{ shell, now, credentials, refused }} />
    <Password {...{ shell, credentials, refused }} />
    <Identities {...{ shell, now, credentials, others }} />
    <RecoveryCodes shell={shell} credentials={credentials} />
  </Panel>
);

/** Whether one of the forms that can be shown again is on the page, and says what the problem is. */
const hasForm = ({ offer, passkeys }: CredentialView, { field, typed }: RefusedForm): boolean =>
  offer !== null && (field === "password" || passkeys.some(({ id }) => id === typed.get("passkey")));

type PasskeysProps = Pick<Props, "shell" | "now" | "credentials" | "refused">;

const Passkeys = ({ shell, now, credentials, refused }: PasskeysProps) => (
  <Section title="Passkeys" lead="The safest way to sign in: a passkey can’t be guessed or phished.">
    <Cards
      items={credentials.passkeys}
      keyOf={({ id }) => id}
      icon="finger_print"
      empty="No passkeys yet. Add one for this device or your password manager."
      card={(passkey) => (
        <div class="thing">
          <span class="avatar">
            <Icon name="finger_print" />
          </span>
          <div>
            <h3>
              <bdi>{passkey.name}</bdi>
              {passkey.backedUp && <Badge>Synced</Badge>}
            </h3>
            <LastUse at={passkey.lastUsedAt} now={now} />
            <p class="quiet">
              Added on <ExactTime at={passkey.createdAt} />
            </p>
            {credentials.offer && (
              <RenamePasskey
                shell={shell}
                passkey={passkey}
                refused={refused?.typed.get("passkey") === passkey.id ? refused : null}
              />
            )}
          </div>
          {credentials.offer && <RemovePasskey shell={shell} passkey={passkey} />}
        </div>
      )}
    />
    {credentials.offer && <NewPasskey shell={shell} offer={credentials.offer} />}
  </Section>
);

type PasskeyProps = { shell: PanelShell; passkey: CredentialView["passkeys"][number] };

const RenamePasskey = ({ shell, passkey, refused }: PasskeyProps & { refused: RefusedForm | null }) => (
  <details class="fold" open={refused !== null}>
    <summary>Rename</summary>
    <Form
      shell={shell}
      to="/account/passkeys/rename"
      refused={refused}
      fields={{ passkey: passkey.id, was: passkey.name }}
    >
      <div class="beside">
        <Field id={`name-${passkey.id}`} name="name" label="New name" value={passkey.name} required maxlength={100} />
        <button type="submit" class="plain">
          Rename
        </button>
      </div>
    </Form>
  </details>
);

const RemovePasskey = ({ shell, passkey }: PasskeyProps) => (
  <div class="buttons">
    <Confirm
      shell={shell}
      id={`remove-${passkey.id}`}
      to="/account/passkeys/remove"
      fields={{ passkey: passkey.id }}
      action="Remove"
      label={`Remove ${passkey.name}`}
      title={`Remove ${passkey.name}?`}
    >
      <p>You can no longer sign in with it. Delete it on your device too.</p>
    </Confirm>
  </div>
);

const NewPasskey = ({ shell, offer }: { shell: PanelShell; offer: PasskeyOffer }) => (
  <>
    <PasskeyForm shell={shell} to="/account/passkeys" kind="create" offer={offer}>
      <div class="beside">
        <Field name="name" label="Name of the new passkey" maxlength={100} placeholder="This laptop (optional)" />
        <button type="submit">Add a passkey</button>
      </div>
    </PasskeyForm>
    <noscript>
      <p class="hint">Adding a passkey needs JavaScript.</p>
    </noscript>
  </>
);

const Password = ({ shell, credentials, refused }: Pick<Props, "shell" | "credentials" | "refused">) => (
  <Section
    title="Password"
    lead={`${credentials.hasPassword ? "You have a password. A new one" : "You have no password. One"} needs at least 16 characters, or 8 with upper and lower case letters and a digit.`}
  >
    {credentials.offer && (
      <Form shell={shell} to="/account/password" refused={refused?.field === "password" ? refused : null}>
        <div class="beside">
          <input type="hidden" name="username" autocomplete="username" value={shell.email} />
          <NewPasswordField label="New password" />
          <button type="submit" class="plain">
            {credentials.hasPassword ? "Change password" : "Set a password"}
          </button>
        </div>
      </Form>
    )}
  </Section>
);

const RecoveryCodes = ({ shell, credentials }: Pick<Props, "shell" | "credentials">) => (
  <Section
    title="Recovery codes"
    lead={
      credentials.recoveryCodes === 0
        ? "You have no recovery codes. They get you back in if you lose your passkeys and password."
        : `${countOf(credentials.recoveryCodes, "code is", "codes are")} left. Keep them where you can find them without this device.`
    }
  >
    {credentials.offer &&
      (credentials.recoveryCodes === 0 ? (
        <Action shell={shell} to="/account/recovery-codes">
          Create recovery codes
        </Action>
      ) : (
        <Confirm
          shell={shell}
          id="recovery-codes"
          to="/account/recovery-codes"
          action="Create new recovery codes"
          title="Create new recovery codes?"
          class="small"
        >
          <p>The {countOf(credentials.recoveryCodes, "code")} that you have left will stop working.</p>
        </Confirm>
      ))}
  </Section>
);

/** New recovery codes, shown this once. */
export const RecoveryCodesPage = ({ shell, codes }: { shell: PanelShell; codes: readonly string[] }) => (
  <Panel
    shell={shell}
    title="Your recovery codes"
    back={{ path: "/account/security", name: "Security" }}
    lead="Save these codes now. They are not shown again."
  >
    <p class="warning">Each code signs you in once. Anyone who has one can sign in as you.</p>
    <Section>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="buttons" data-copy>
        <code class="visually-hidden">{codes.join("\n")}</code>
        <button type="button" class="plain" hidden>
          <Icon name="copy" />
          <span>Copy</span>
        </button>
        <a
          class="button plain"
          download="recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${shell.deployment} ${shell.issuer}\n${codes.join("\n")}\n`)}`}
        >
          <Icon name="download" />
          Download
        </a>
        <button type="button" class="plain" data-print hidden>
          <Icon name="print" />
          Print
        </button>
      </div>
    </Section>
    <a class="button" href={`${shell.issuer}/account/security`}>
      I’ve saved them
    </a>
  </Panel>
);

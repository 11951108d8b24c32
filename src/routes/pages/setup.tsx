import type { OpenedLink } from "../../flows/login/setup.ts";
import { NewPasswordField, Problem } from "./form.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { PasskeyForm } from "./passkey-form.tsx";

type CodeProps = { frame: Frame; csrf: string; failed: boolean };

/** Where a setup link leads. Its code is behind the # of the address; without script it is pasted. */
export const SetupCodePage = ({ frame, csrf, failed }: CodeProps) => (
  <Layout frame={frame} title="Set up your account" script="setup-link.js">
    <h1>Set up your account</h1>
    <form method="post" action={`${frame.issuer}/setup`} data-setup>
      <input type="hidden" name="csrf" value={csrf} />
      {failed && (
        <p class="error" id="problem" role="alert">
          This link does not work any more. Each one works once, and not for ever. Ask for a new one.
        </p>
      )}
      <label for="code">Setup code</label>
      <input id="code" name="code" autocomplete="off" spellcheck={false} required maxlength={100} />
      <p class="quiet">It is the part of your link behind the #.</p>
      <button type="submit">Go on</button>
    </form>
  </Layout>
);

type Props = { frame: Frame; csrf: string; code: string; link: OpenedLink; problem: string | null };

/** What the person will sign in with. Nothing is used up before they have chosen. */
export const SetupPage = ({ frame, csrf, code, link, problem }: Props) => (
  <Layout frame={frame} title="Set up your account" script="passkeys.js">
    <h1>{link.isReset ? "Choose how you sign in" : "Set up your account"}</h1>
    <Problem text={problem} />
    {link.email === null ? (
      <AskEmail frame={frame} csrf={csrf} code={code} />
    ) : (
      <ChooseCredential frame={frame} csrf={csrf} code={code} email={link.email} link={link} problem={problem} />
    )}
  </Layout>
);

const AskEmail = ({ frame, csrf, code }: { frame: Frame; csrf: string; code: string }) => (
  <form method="post" action={`${frame.issuer}/setup`}>
    <input type="hidden" name="csrf" value={csrf} />
    <input type="hidden" name="code" value={code} />
    <label for="email">Your email address</label>
    <input id="email" name="email" type="email" autocomplete="username" required maxlength={320} />
    <p class="quiet">It is what you sign in with. Nothing is sent there.</p>
    <button type="submit">Go on</button>
  </form>
);

const ChooseCredential = ({ frame, csrf, code, email, link, problem }: Props & { email: string }) => (
  <>
    <p>
      For <bdi>{email}</bdi>.
      {link.isReset &&
        " Your old password, passkeys and recovery codes end with this, and you are signed out everywhere."}
    </p>
    {link.offer && (
      <PasskeyForm action={`${frame.issuer}/setup/passkey`} csrf={csrf} kind="create" offer={link.offer}>
        <input type="hidden" name="code" value={code} />
        <input type="hidden" name="email" value={email} />
        <button type="submit">Use a passkey</button>
      </PasskeyForm>
    )}
    <p class="divider" data-with-passkey hidden>
      or a password
    </p>
    <form method="post" action={`${frame.issuer}/setup/password`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="code" value={code} />
      <input type="hidden" name="email" autocomplete="username" value={email} />
      <NewPasswordField label="Password" hasProblem={problem !== null} />
      <p class="quiet">At least 8 characters, with upper and lower case and a digit.</p>
      <button type="submit" class="plain">
        Use a password
      </button>
    </form>
  </>
);

import type { PasskeyOffer } from "../../flows/login/passkey.ts";
import { type Frame, Layout } from "./layout.tsx";
import { PasskeyForm } from "./passkey-form.tsx";

/** What went wrong the last time. */
export type LoginProblem = "password" | "passkey";

type Props = {
  frame: Frame;
  csrf: string;
  passkey: PasskeyOffer;
  continuation: string;
  email: string;
  problem: LoginProblem | null;
  /** Whether this browser was signed in already: the sign-in ended, or is not fresh enough for what is next. */
  again: boolean;
};

const PROBLEMS = {
  password: "That email address and password don’t go together.",
  passkey: "That passkey is not known here, or the page was open for too long. Try again.",
};

/** The sign-in, by passkey or by password. A failure is one sentence, whatever was wrong. */
export const LoginPage = ({ frame, csrf, passkey, continuation, email, problem, again }: Props) => {
  const described = problem === "password" ? { "aria-invalid": "true", "aria-describedby": "problem" } : {};
  return (
    <Layout frame={frame} title="Sign in" script="passkeys.js">
      <h1>Sign in</h1>
      {again && !problem && <p>Sign in once more to go on.</p>}
      {problem && (
        <p class="error" id="problem" role="alert">
          {PROBLEMS[problem]}
        </p>
      )}
      <PasskeyForm action={`${frame.issuer}/login/passkey`} csrf={csrf} kind="get" offer={passkey}>
        <input type="hidden" name="continue" value={continuation} />
        <button type="submit">Sign in with a passkey</button>
      </PasskeyForm>
      <p class="divider" data-with-passkey hidden>
        or with a password
      </p>
      <form method="post" action={`${frame.issuer}/login`}>
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="continue" value={continuation} />
        <label for="email">Email address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username webauthn"
          required
          maxlength={320}
          value={email}
          {...described}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxlength={128}
          autofocus={email !== ""}
          {...described}
        />
        <button type="submit" class="plain">
          Sign in with a password
        </button>
      </form>
      <p class="quiet">
        <a
          href={`${frame.issuer}/login/recovery${continuation && `?${new URLSearchParams({ continue: continuation })}`}`}
        >
          Use a recovery code
        </a>
      </p>
    </Layout>
  );
};

type RecoveryProps = { frame: Frame; csrf: string; continuation: string; failed: boolean };

/** The sign-in for who has lost passkey and password. */
export const RecoveryPage = ({ frame, csrf, continuation, failed }: RecoveryProps) => (
  <Layout frame={frame} title="Use a recovery code">
    <h1>Use a recovery code</h1>
    <p>Each of the codes that you wrote down signs you in once. Then give yourself a new passkey or password.</p>
    <form method="post" action={`${frame.issuer}/login/recovery`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="continue" value={continuation} />
      {failed && (
        <p class="error" id="problem" role="alert">
          That code does not work. Each one works once.
        </p>
      )}
      <label for="code">Recovery code</label>
      <input
        id="code"
        name="code"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxlength={60}
        {...(failed ? { "aria-invalid": "true", "aria-describedby": "problem" } : {})}
      />
      <button type="submit">Sign in</button>
    </form>
  </Layout>
);

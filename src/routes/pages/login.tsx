import type { PasskeyOffer } from "../../flows/login/passkey.ts";
import type { AppToReturnTo } from "../../flows/login/return-to.ts";
import type { RefusedForm } from "../fields.ts";
import { AppName } from "./app-name.tsx";
import { Badge } from "./badge.tsx";
import { Field, Form, type FormShell, Problem } from "./form.tsx";
import { Layout } from "./layout.tsx";
import { PasskeyForm } from "./passkey-form.tsx";

type Props = {
  shell: FormShell;
  passkey: PasskeyOffer;
  returnTo: string;
  /** The app that the sign-in leads back to. */
  app: AppToReturnTo | null;
  email: string;
  /** The providers with which one may sign in. */
  providers: readonly { readonly slug: string; readonly name: string }[];
  problem: { readonly of: "password" | "passkey" | "provider"; readonly text: string | null } | null;
  /**
   * Whether this browser was signed in already, so that either the sign-in ended or it isn't fresh enough for the next
   * step.
   */
  again: boolean;
};

/** The sign-in by passkey or password. Every failure gets the same sentence. */
export const LoginPage = ({ shell, passkey, returnTo, app, email, providers, problem, again }: Props) => {
  const fields = { continue: returnTo };
  const invalid = problem?.of === "password";
  return (
    <Layout shell={shell} title="Sign in" script="passkeys.js">
      <h1>Sign in</h1>
      {app ? (
        <p>
          to continue to <AppName name={app.name} /> {!app.approved && <Badge tone="warn">Unverified app</Badge>}
        </p>
      ) : (
        again && !problem && <p>For your security, sign in again to continue.</p>
      )}
      <Problem text={problem?.text ?? null} />
      <PasskeyForm shell={shell} to="/login/passkey" kind="get" offer={passkey} fields={fields}>
        <button type="submit">Sign in with a passkey</button>
      </PasskeyForm>
      {providers.map(({ slug, name }) => (
        <Form key={slug} shell={shell} to={`/login/provider/${slug}`} fields={{ ...fields, login_hint: email }}>
          <button type="submit" class="plain">
            Sign in with {name}
          </button>
        </Form>
      ))}
      <p class={providers.length > 0 ? "divider" : "divider scripted"}>or with a password</p>
      <Form shell={shell} to="/login" fields={fields}>
        <Field
          name="email"
          label="Email address"
          type="email"
          value={email}
          autocomplete="username webauthn"
          required
          maxlength={320}
          invalid={invalid}
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          required
          maxlength={128}
          autofocus={email !== ""}
          invalid={invalid}
        />
        <button type="submit" class="plain">
          Sign in with a password
        </button>
      </Form>
      <footer>
        Lost your passkey or password?{" "}
        <a href={`${shell.issuer}/login/recovery${returnTo && `?${new URLSearchParams(fields)}`}`}>
          Use a recovery code
        </a>
      </footer>
    </Layout>
  );
};

type RecoveryProps = { shell: FormShell; returnTo: string; refused: RefusedForm | null };

/** The sign-in for a person who has lost passkey and password. */
export const RecoveryPage = ({ shell, returnTo, refused }: RecoveryProps) => (
  <Layout shell={shell} title="Use a recovery code">
    <h1>Use a recovery code</h1>
    <p>Each of your recovery codes signs you in once. Afterwards, add a new passkey or password.</p>
    <Form shell={shell} to="/login/recovery" refused={refused} fields={{ continue: returnTo }}>
      <Field
        name="code"
        label="Recovery code"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxlength={60}
        isCode
      />
      <button type="submit">Sign in</button>
    </Form>
    <footer>
      No codes left? Ask the owner of this service to send you a new setup link.{" "}
      <a href={`${shell.issuer}/login${returnTo && `?${new URLSearchParams({ continue: returnTo })}`}`}>
        Back to sign-in
      </a>
    </footer>
  </Layout>
);

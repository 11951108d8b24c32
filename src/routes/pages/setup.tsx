import type { OpenedLink } from "../../flows/login/setup.ts";
import type { RefusedForm } from "../fields.ts";
import { Field, Form, type FormShell, NewPasswordField, Problem } from "./form.tsx";
import { Layout } from "./layout.tsx";
import { PasskeyForm } from "./passkey-form.tsx";

type CodeProps = { shell: FormShell; refused: RefusedForm | null };

/** The page that a setup link opens. The code is behind the # of the address. Without script, the person pastes it. */
export const SetupCodePage = ({ shell, refused }: CodeProps) => (
  <Layout shell={shell} title="Set up your account" script="setup-link.js">
    <h1>Set up your account</h1>
    <p>Open the link that you were sent, or paste its code here.</p>
    <Form shell={shell} to="/setup" data={{ "data-setup": "" }}>
      <Problem text={refused?.problem ?? null} />
      <Field
        name="code"
        label="Setup code"
        autocomplete="off"
        spellcheck={false}
        required
        maxlength={100}
        problem={refused?.problem ?? null}
      />
      <p class="hint">The part of your link after the #.</p>
      <button type="submit">Continue</button>
    </Form>
  </Layout>
);

/** Asks the first owner for the service's address, to which everything that comes later is bound. */
export const AddressPage = ({ shell, code }: { shell: FormShell; code: string }) => (
  <Layout shell={shell} title="Confirm the address">
    <h1>Is this the right address?</h1>
    <p>
      <strong>{shell.issuer}</strong>
    </p>
    <p>
      Apps, servers and passkeys will be bound to it. Changing it later means that everybody has to connect and set up
      passkeys again.
    </p>
    <p class="hint">
      If the service should have another address, such as a domain of yours, open your link there instead.
    </p>
    <Form shell={shell} to="/setup/address" fields={{ code, address: shell.issuer }}>
      <button type="submit">Use this address</button>
    </Form>
  </Layout>
);

/** A sentence about the problem, and the field that has it, if one does. */
export type SetupProblem = { readonly problem: string; readonly field?: "email" | "password" };

type Props = { shell: FormShell; code: string; link: OpenedLink; refused: SetupProblem | null };

/** Asks what the person will sign in with. Nothing is used up before they have chosen. */
export const SetupPage = ({ shell, code, link, refused }: Props) => (
  <Layout shell={shell} title="Set up your account" script="passkeys.js">
    <h1>{link.isReset ? "Choose how you sign in" : "Set up your account"}</h1>
    {link.email === null ? (
      <AskEmail shell={shell} code={code} refused={refused} />
    ) : (
      <ChooseCredential {...{ shell, code, link, refused }} email={link.email} />
    )}
  </Layout>
);

const AskEmail = ({ shell, code, refused }: Omit<Props, "link">) => (
  <Form shell={shell} to="/setup" fields={{ code }}>
    <Problem text={refused?.problem ?? null} />
    <Field
      name="email"
      label="Your email address"
      type="email"
      autocomplete="username"
      required
      maxlength={320}
      problem={refused?.problem ?? null}
    />
    <p class="hint">You’ll sign in with it. Nothing is sent to it.</p>
    <button type="submit">Continue</button>
  </Form>
);

const ChooseCredential = ({ shell, code, email, link, refused }: Props & { email: string }) => (
  <>
    <p>
      You’ll sign in as <bdi>{email}</bdi>.
      {link.isReset &&
        " Your old password, passkeys and recovery codes will stop working, and you will be signed out everywhere."}
    </p>
    <Problem text={refused?.problem ?? null} />
    {link.offer && (
      <PasskeyForm shell={shell} to="/setup/passkey" kind="create" offer={link.offer} fields={{ code, email }}>
        <button type="submit">Use a passkey</button>
        <p class="hint">The safest way: your device unlocks it with your face, fingerprint or PIN.</p>
      </PasskeyForm>
    )}
    {link.providers.map(({ slug, name }) => (
      <Form key={slug} shell={shell} to={`/login/provider/${slug}`} fields={{ login_hint: email }}>
        <button type="submit" class="plain">
          Use your {name} account
        </button>
      </Form>
    ))}
    {link.providers.length > 0 && (
      <p class="hint">You sign in there. That account must have the address above, verified.</p>
    )}
    {(link.offer || link.providers.length > 0) && (
      <p class={link.providers.length > 0 ? "divider" : "divider scripted"}>or a password</p>
    )}
    <Form shell={shell} to="/setup/password" fields={{ code }}>
      <input type="hidden" name="email" autocomplete="username" value={email} />
      <NewPasswordField label="Password" problem={refused?.field === "password" ? refused.problem : null} />
      <p class="hint">At least 16 characters, or 8 with upper and lower case letters and a digit.</p>
      <button type="submit" class="plain">
        Use a password
      </button>
    </Form>
  </>
);

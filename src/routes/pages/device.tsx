import type { DeviceView } from "../../flows/device/look-up.ts";
import type { DeviceOutcome } from "../../flows/device/record-decision.ts";
import type { RefusedForm } from "../fields.ts";
import { shortName } from "./app-name.tsx";
import { ConsentQuestionForm, SignedInAs } from "./consent-question.tsx";
import { Field, Form, type FormShell } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { Layout, type PageShell } from "./layout.tsx";

type CodeProps = {
  shell: FormShell;
  email: string;
  /** The sealed way back here, so that somebody else can sign in. */
  returnTo: string;
  userCode: string;
  refused: RefusedForm | null;
};

/** Where a person types the code that a device shows. A link may have filled it in, but never submits it. */
export const DeviceCodePage = ({ shell, email, returnTo, userCode, refused }: CodeProps) => (
  <Layout shell={shell} title="Connect a device">
    <h1>Connect a device</h1>
    <p>Enter the code that your device shows.</p>
    <Form shell={shell} to="/device" refused={refused}>
      <Field
        name="user_code"
        label="Code"
        value={userCode}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxlength={30}
        placeholder="XXXX-XXXX"
        isCode
      />
      {userCode !== "" && !refused && (
        <p class="hint">Continue only if the device in front of you shows this same code.</p>
      )}
      <button type="submit">Continue</button>
    </Form>
    <SignedInAs shell={shell} email={email} returnTo={returnTo} />
  </Layout>
);

type Props = {
  shell: FormShell;
  view: DeviceView;
  email: string;
  returnTo: string;
  now: Date;
  refused: RefusedForm | null;
};

/**
 * What the device asks for (RFC 8628 §3.3): the same as on the consent page, with a warning that somebody may have sent
 * the link.
 */
export const DeviceConsentPage = ({ shell, view, email, returnTo, now, refused }: Props) => (
  <Layout shell={shell} title={`Allow ${shortName(view.client.name)}?`} roomy>
    <ConsentQuestionForm
      {...{ shell, question: view, now, refused }}
      warned
      to="/device/decide"
      fields={{ request: view.form, user_code: view.userCode }}
    >
      <dl class="facts">
        <dt>Server</dt>
        <dd>
          <code>{view.resource.uri}</code>
        </dd>
        <dt>Code</dt>
        <dd>
          <code class="code">{view.userCode}</code>
        </dd>
      </dl>
      <p class="warning">
        This gives access to the device that shows this code. If you didn’t start this yourself on a device in front of
        you, somebody may be trying to use your account. In that case, choose Deny.
      </p>
    </ConsentQuestionForm>
    <SignedInAs shell={shell} email={email} returnTo={returnTo} />
  </Layout>
);

/** Says what became of it. */
export const DeviceDonePage = ({ shell, outcome }: { shell: PageShell; outcome: DeviceOutcome }) => {
  const connect = outcome.decision === "allowed" ? outcome.connect : null;
  return (
    <Layout shell={shell} title={outcome.decision === "allowed" ? "Device connected" : "Access denied"}>
      {outcome.decision === "allowed" && (
        <p class="outcome">
          <Icon name="check_circle" />
        </p>
      )}
      <h1>{outcome.decision === "allowed" ? "Device connected" : "Access denied"}</h1>
      <p>
        {outcome.decision === "allowed"
          ? "Your device continues on its own in a few seconds. You can close this page."
          : "The device got no access. You can close this page."}
      </p>
      {connect !== null && <p>Its server also needs an account that you have elsewhere.</p>}
      <div class="buttons">
        {connect !== null && (
          <a class="button" href={connect}>
            Connect the account
          </a>
        )}
        <a class="button plain" href={`${shell.issuer}/account`}>
          Your connected apps
        </a>
      </div>
    </Layout>
  );
};

import type { DeviceOutcome } from "../../flows/device/decide.ts";
import type { DeviceView } from "../../flows/device/view.ts";
import type { RefusedForm } from "../fields.ts";
import { ConsentQuestionForm, SignedInAs } from "./consent-question.tsx";
import { Field, Form, type FormFrame } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { type Frame, Layout } from "./layout.tsx";

type CodeProps = {
  frame: FormFrame;
  email: string;
  /** A continuation that leads back here, for somebody else who signs in. */
  returnTo: string;
  userCode: string;
  refused: RefusedForm | null;
};

/** Where a person types the code that a device shows. A link may have filled it in, but never goes further by itself. */
export const DeviceCodePage = ({ frame, email, returnTo, userCode, refused }: CodeProps) => (
  <Layout frame={frame} title="Connect a device">
    <h1>Connect a device</h1>
    <p>Enter the code that your device shows.</p>
    <Form frame={frame} to="/device" refused={refused}>
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
      />
      {userCode !== "" && !refused && (
        <p class="hint">Continue only if the device in front of you shows this same code.</p>
      )}
      <button type="submit">Continue</button>
    </Form>
    <SignedInAs frame={frame} email={email} returnTo={returnTo} />
  </Layout>
);

type Props = {
  frame: FormFrame;
  view: DeviceView;
  email: string;
  returnTo: string;
  now: Date;
  refused: RefusedForm | null;
};

/** What the device asks (RFC 8628 §3.3): the same as on the consent page, and that somebody may have sent the link. */
export const DeviceConsentPage = ({ frame, view, email, returnTo, now, refused }: Props) => (
  <Layout frame={frame} title={`Allow ${view.client.name}?`} roomy>
    <ConsentQuestionForm
      {...{ frame, question: view, now, refused }}
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
          <code>{view.userCode}</code>
        </dd>
      </dl>
      <p class="warning">
        This gives access to the device that shows this code. If you didn’t start this yourself on a device in front of
        you, somebody may be trying to get into your account. In that case, choose Deny.
      </p>
    </ConsentQuestionForm>
    <SignedInAs frame={frame} email={email} returnTo={returnTo} />
  </Layout>
);

/** The end of it. */
export const DeviceDonePage = ({ frame, outcome }: { frame: Frame; outcome: DeviceOutcome }) => (
  <Layout frame={frame} title={outcome.decision === "allowed" ? "Device connected" : "Access denied"}>
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
    {outcome.decision === "allowed" && outcome.connect !== null && (
      <p>
        Its server also needs an account that you have elsewhere.{" "}
        <a class="button" href={outcome.connect}>
          Connect the account
        </a>
      </p>
    )}
    <p class="quiet">
      <a href={`${frame.issuer}/account`}>See your connected apps</a>
    </p>
  </Layout>
);

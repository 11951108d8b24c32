import type { DeviceView } from "../../flows/device/view.ts";
import { AskingParty, DecisionButtons, DurationChoice, ScopeChoice, SignedInAs } from "./consent-parts.tsx";
import { type Frame, Layout } from "./layout.tsx";

type CodeProps = {
  frame: Frame;
  csrf: string;
  email: string;
  /** A continuation that leads back here, for somebody else who signs in. */
  returnTo: string;
  userCode: string;
  failed: boolean;
};

/** Where a person types the code that a device shows. A link may have filled it in, but never goes further by itself. */
export const DeviceCodePage = ({ frame, csrf, email, returnTo, userCode, failed }: CodeProps) => (
  <Layout frame={frame} title="Connect a device">
    <h1>Connect a device</h1>
    <form method="post" action={`${frame.issuer}/device`}>
      <input type="hidden" name="csrf" value={csrf} />
      {failed && (
        <p class="error" id="problem" role="alert">
          That code is not known, or its time is up. Look at the device once more.
        </p>
      )}
      <label for="user_code">The code on your device</label>
      <input
        id="user_code"
        name="user_code"
        value={userCode}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxlength={30}
        placeholder="XXXX-XXXX"
        {...(failed ? { "aria-invalid": "true", "aria-describedby": "problem" } : {})}
      />
      {userCode !== "" && !failed && <p class="quiet">Go on only if the device in front of you shows the same code.</p>}
      <button type="submit">Go on</button>
    </form>
    <SignedInAs frame={frame} csrf={csrf} email={email} returnTo={returnTo} />
  </Layout>
);

type Props = { frame: Frame; csrf: string; view: DeviceView; email: string };

/** What the device asks (RFC 8628 §3.3); the same as on the consent page, and that somebody may have sent the link. */
export const DeviceConsentPage = ({ frame, csrf, view, email }: Props) => (
  <Layout frame={frame} title="Allow access?">
    <h1>
      Let <bdi>{view.client.name}</bdi> use <bdi>{view.resource.name}</bdi>?
    </h1>
    <dl class="facts">
      <dt>Code</dt>
      <dd>
        <code>{view.userCode}</code>
      </dd>
      <AskingParty client={view.client} resource={view.resource} />
    </dl>
    <p class="warning">
      This gives access to the device that shows this code. If you did not start this on a device in front of you,
      somebody is trying to use your account: deny.
    </p>
    <form method="post" action={`${frame.issuer}/device/decide`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="request" value={view.form} />
      <ScopeChoice scopes={view.scopes} />
      <DurationChoice durations={view.durations} />
      <DecisionButtons />
    </form>
    <p class="quiet">
      You are signed in as <bdi>{email}</bdi>.
    </p>
  </Layout>
);

/** The end of it. */
export const DeviceDonePage = ({ frame, decision }: { frame: Frame; decision: "allowed" | "denied" }) => (
  <Layout frame={frame} title={decision === "allowed" ? "Connected" : "Denied"}>
    <h1>{decision === "allowed" ? "Connected" : "Denied"}</h1>
    <p>
      {decision === "allowed" ? "Your device goes on by itself in a few seconds." : "The device gets no access."} You
      can close this page.
    </p>
    <p class="quiet">
      <a href={`${frame.issuer}/account`}>Your connected apps</a>
    </p>
  </Layout>
);

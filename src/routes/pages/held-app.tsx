import type { HeldAppView, RefusedAppView } from "../../flows/authorize/app-admission.ts";
import type { HeldDevice } from "../../flows/device/look-up.ts";
import { AppName } from "./app-name.tsx";
import { TrustBadge, TrustNote } from "./client-trust.tsx";
import { SignedInAs } from "./consent-question.tsx";
import { Form, type FormShell } from "./form.tsx";
import { Layout } from "./layout.tsx";

type HeldProps = { shell: FormShell; view: HeldAppView | HeldDevice; email: string; returnTo: string };

/** Says that the owner is asked about an app. The browser asks again by itself. With a device, the person has to. */
export const HeldAppPage = ({ shell, view, email, returnTo }: HeldProps) => (
  <Layout shell={shell} title="Waiting for approval">
    <h1>
      <AppName name={view.client.name} /> needs the owner’s approval
    </h1>
    <p>
      It is new here and wants to use <bdi>{view.resource.name}</bdi>. The owner of this service has been asked to
      approve it.{" "}
      {"userCode" in view
        ? "Once they have, try again. If the code has expired by then, start again on your device."
        : "This page continues by itself once they have. You can also close it and connect the app again later."}
    </p>
    <p class="trust">
      <TrustBadge trust={view.client.trust} />
      <span>
        <TrustNote trust={view.client.trust} />
      </span>
    </p>
    <div class="buttons">
      {"userCode" in view ? (
        <Form shell={shell} to="/device" fields={{ user_code: view.userCode }}>
          <button type="submit">Try again</button>
        </Form>
      ) : (
        <a class="button plain" href={view.location}>
          Back to the app
        </a>
      )}
    </div>
    <p class="quiet">
      Tell the owner this reference if they ask: <code>{view.reference}</code>
    </p>
    <SignedInAs shell={shell} email={email} returnTo={returnTo} />
  </Layout>
);

type RefusedProps = { shell: FormShell; view: RefusedAppView; returnTo: string };

/** Says that the owner keeps an app out. */
export const RefusedAppPage = ({ shell, view, returnTo }: RefusedProps) => (
  <Layout shell={shell} title="App not allowed">
    <h1>
      <AppName name={view.app} /> can’t connect here
    </h1>
    <p>The owner of this service doesn’t allow this app. If you need it, ask them.</p>
    <div class="buttons">
      {view.location === null ? (
        <a class="button plain" href={`${shell.issuer}/account`}>
          Your connected apps
        </a>
      ) : (
        <a class="button plain" href={view.location}>
          Back to the app
        </a>
      )}
    </div>
    <SignedInAs shell={shell} email={view.email} returnTo={returnTo} />
  </Layout>
);

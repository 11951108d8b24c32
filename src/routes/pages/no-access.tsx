import type { NoAccessView } from "../../flows/authorize/evaluate.ts";
import { SignedInAs } from "./consent-question.tsx";
import type { FormShell } from "./form.tsx";
import { Layout } from "./layout.tsx";

/** Says that the server is for others, whom to ask, and the way back to the app. */
export const NoAccessPage = ({ shell, view }: { shell: FormShell; view: NoAccessView }) => (
  <Layout shell={shell} title="No access">
    <h1>
      You don’t have access to <bdi>{view.resource.name}</bdi>
    </h1>
    <p>Only people whom the owner has chosen can use this server. Ask for access, then connect the app again:</p>
    <ul>
      {view.owners.map((email) => (
        <li key={email}>
          <a href={`mailto:${encodeURIComponent(email)}`}>
            <bdi>{email}</bdi>
          </a>
        </li>
      ))}
    </ul>
    <div class="buttons">
      <a class="button plain" href={view.location}>
        Back to the app
      </a>
    </div>
    <SignedInAs shell={shell} email={view.email} returnTo={view.returnTo} />
  </Layout>
);

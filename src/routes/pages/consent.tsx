import type { ConsentView } from "../../flows/authorize/evaluate.ts";
import type { RefusedForm } from "../fields.ts";
import { shortName } from "./app-name.tsx";
import { ConsentQuestionForm, SignedInAs } from "./consent-question.tsx";
import type { FormShell } from "./form.tsx";
import { Layout } from "./layout.tsx";
import { RedirectTargetName, RedirectWarning } from "./redirect-target.tsx";

type Props = { shell: FormShell; form: string; view: ConsentView; now: Date; refused: RefusedForm | null };

/** Who asks, how well that is proven, what for, and where the browser goes next. */
export const ConsentPage = ({ shell, form, view, now, refused }: Props) => (
  <Layout shell={shell} title={`Allow ${shortName(view.client.name)}?`} roomy>
    <ConsentQuestionForm
      {...{ shell, question: view, now, refused }}
      warned={view.goesTo.kind !== "site"}
      to="/consent"
      fields={{ request: form, continue: view.returnTo }}
    >
      <dl class="facts">
        <dt>Server</dt>
        <dd>
          <code>{view.resource.uri}</code>
        </dd>
        <dt>Redirects to</dt>
        <dd>
          <RedirectTargetName target={view.goesTo} />
        </dd>
      </dl>
      <RedirectWarning target={view.goesTo} />
    </ConsentQuestionForm>
    <SignedInAs shell={shell} email={view.email} returnTo={view.returnTo} />
  </Layout>
);

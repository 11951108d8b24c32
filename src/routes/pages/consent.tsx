import type { ConsentView } from "../../flows/authorize/begin.ts";
import type { RefusedForm } from "../fields.ts";
import { ConsentQuestionForm, SignedInAs } from "./consent-question.tsx";
import type { FormFrame } from "./form.tsx";
import { Layout } from "./layout.tsx";
import { RedirectTargetName, RedirectWarning } from "./redirect-target.tsx";

type Props = { frame: FormFrame; form: string; view: ConsentView; now: Date; refused: RefusedForm | null };

/** Who asks, how far that is proven, what for, and where the browser goes next. */
export const ConsentPage = ({ frame, form, view, now, refused }: Props) => (
  <Layout frame={frame} title={`Allow ${view.client.name}?`} roomy>
    <ConsentQuestionForm
      {...{ frame, question: view, now, refused }}
      to="/consent"
      fields={{ request: form, continue: view.returnTo }}
    >
      <dl class="facts">
        <dt>Server</dt>
        <dd>
          <code>{view.resource.uri}</code>
        </dd>
        <dt>Sends you to</dt>
        <dd>
          <RedirectTargetName target={view.goesTo} />
        </dd>
      </dl>
      <RedirectWarning target={view.goesTo} />
    </ConsentQuestionForm>
    <SignedInAs frame={frame} email={view.email} returnTo={view.returnTo} />
  </Layout>
);

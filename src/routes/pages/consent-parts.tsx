import type { ConsentView } from "../../flows/authorize/begin.ts";
import { TrustNote } from "./client-trust.tsx";
import type { Frame } from "./layout.tsx";
import { describeDuration } from "./time.tsx";

/** Who asks, how far that is proven, and for which server; in a list of facts. */
export const AskingParty = ({ client, resource }: Pick<ConsentView, "client" | "resource">) => (
  <>
    <dt>App</dt>
    <dd>
      <bdi>{client.name}</bdi>
      <br />
      <span class="quiet">
        <TrustNote trust={client.trust} />
      </span>
    </dd>
    <dt>Server</dt>
    <dd>
      <code>{resource.uri}</code>
    </dd>
  </>
);

/** What it may do, each with a tick box. */
export const ScopeChoice = ({ scopes }: Pick<ConsentView, "scopes">) => (
  <>
    <h2 id="permissions">It may</h2>
    <ul class="scopes" aria-labelledby="permissions">
      {scopes.map((scope) => (
        <li key={scope.name}>
          <label>
            <input type="checkbox" name="scope" value={scope.name} checked />
            <span>
              {scope.description}
              <code>{scope.name}</code>
            </span>
          </label>
        </li>
      ))}
    </ul>
  </>
);

/** How long it may. */
export const DurationChoice = ({ durations }: Pick<ConsentView, "durations">) => (
  <>
    <label for="duration">For how long</label>
    <select id="duration" name="duration">
      {durations.map((seconds, index) => (
        <option key={seconds} value={String(seconds)}>
          {index === 0 ? `Up to ${describeDuration(seconds)}` : describeDuration(seconds)}
        </option>
      ))}
    </select>
  </>
);

/** Deny is as easy as allow. */
export const DecisionButtons = () => (
  <div class="actions">
    <button type="submit" name="decision" value="allow">
      Allow
    </button>
    <button type="submit" name="decision" value="deny" class="plain">
      Deny
    </button>
  </div>
);

type SignedInProps = { frame: Frame; csrf: string; email: string; returnTo: string };

/** Who decides, and a way for somebody else to. */
export const SignedInAs = ({ frame, csrf, email, returnTo }: SignedInProps) => (
  <div class="quiet">
    You are signed in as <bdi>{email}</bdi>.{" "}
    <form class="inline" method="post" action={`${frame.issuer}/logout`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="continue" value={returnTo} />
      <button type="submit" class="link">
        Not you?
      </button>
    </form>
  </div>
);

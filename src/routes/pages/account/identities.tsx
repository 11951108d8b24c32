import type { CredentialView } from "../../../flows/account/credentials.ts";
import type { IdentitiesView } from "../../../flows/account/identities.ts";
import { Avatar } from "../avatar.tsx";
import { Confirm } from "../confirm.tsx";
import { Action, type FormShell } from "../form.tsx";
import type { PageShell } from "../layout.tsx";
import { Cards } from "../list.tsx";
import { Section } from "../section.tsx";
import { ExactTime, LastUse } from "../time.tsx";

type Props = { shell: FormShell & PageShell; now: Date; credentials: CredentialView; others: IdentitiesView };

/** The accounts elsewhere with which the person signs in. Shows nothing if there is no provider. */
export const Identities = ({ shell, now, credentials, others }: Props) =>
  others.providers.length + others.identities.length === 0 ? null : (
    <Section title="Other accounts" lead="You can also sign in with an account that you have elsewhere.">
      <Cards
        items={others.identities}
        keyOf={({ id }) => id}
        icon="globe"
        empty="None yet. With one, you sign in here without a password."
        card={(identity) => (
          <div class="thing">
            <Avatar name={identity.provider} />
            <div>
              <h3>
                <span>
                  {identity.provider}: <bdi>{identity.label}</bdi>
                </span>
              </h3>
              <LastUse at={identity.lastUsedAt} now={now} />
              <p class="quiet">
                Added on <ExactTime at={identity.createdAt} />
              </p>
            </div>
            {credentials.offer && (
              <div class="buttons">
                <Confirm
                  shell={shell}
                  id={`identity-${identity.id}`}
                  to={`/account/identities/${identity.id}/remove`}
                  action="Remove"
                  label={`Remove ${identity.label} at ${identity.provider}`}
                  title={`Remove ${identity.label}?`}
                >
                  <p>You can no longer sign in with it. Accounts that servers use for you stay linked.</p>
                </Confirm>
              </div>
            )}
          </div>
        )}
      />
      {credentials.offer && (
        <div class="buttons">
          {others.providers.map(({ slug, name }) => (
            <Action key={slug} shell={shell} to={`/account/identities/${slug}`}>
              Add {name}
            </Action>
          ))}
        </div>
      )}
    </Section>
  );

import { auditRefusal, type Deps } from "../../deps.ts";
import { readUserCode } from "../../lib/user-code.ts";
import { clientTrust } from "../../oauth/client-trust.ts";
import { durationChoices } from "../../oauth/connection-duration.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { DEVICE_CODE_GRANT } from "../../oauth/grant-type.ts";
import { needsByScope } from "../../oauth/provider-needs.ts";
import { updateDeviceCodeViewer, type ViewedDeviceCode } from "../../store/device-codes.ts";
import { hold } from "../authorize/app-admission.ts";
import type { ConsentQuestion } from "../authorize/evaluate.ts";
import { refreshDocumentClient } from "../client/document.ts";
import { describeNeeds } from "../linked/needed-account.ts";
import type { Session } from "../login/session.ts";
import { sealDeviceForm } from "./form.ts";
import { hashUserCode } from "./user-code.ts";
import { refuseMalformedCode, tryUserCode } from "./user-code-attempt.ts";

/** The question to a person about a device. */
export type DeviceView = ConsentQuestion & {
  readonly userCode: string;
  /** The sealed form that the decision sends back. */
  readonly form: string;
};

/** What a person is told while the owner is asked about an app on a device. */
export type HeldDevice = Pick<ConsentQuestion, "client" | "resource"> & {
  readonly userCode: string;
  readonly reference: string;
};

/**
 * Looks up what a device asks for by the code that it shows (RFC 8628 §3.3), and binds the code to this session. Null
 * for a code that is wrong, expired, decided, or viewed in another session.
 */
export async function lookUpDeviceCode(
  deps: Deps,
  session: Session,
  sessionToken: string,
  typed: string,
): Promise<DeviceView | HeldDevice | null> {
  const userCode = readUserCode(typed);
  const viewed =
    userCode === null
      ? await refuseMalformedCode(deps, session)
      : await tryUserCode(deps, session, () => bindToSession(deps, session, userCode));
  if (!viewed || userCode === null) return null;
  const { client, resource, providers, scopes, previous } = viewed;
  if (viewed.decision === "refuse") {
    auditRefusal(deps, { name: "app_refused", userId: session.userId, clientId: client.id });
    throw new OAuthError("access_denied", "The owner of this service doesn't allow this app.", {
      status: 403,
      reason: "app_refused",
    });
  }
  if (scopes.length === 0) throw noAccess(resource.name, viewed.owners);
  const shown = { name: client.name, trust: clientTrust(client) };
  if (viewed.decision === "ask") {
    const held = {
      session: { digest: session.digest, idleSeconds: deps.config.lifetimes.sessionIdleSeconds },
      ...{ clientId: client.id, resourceId: resource.id, scopes, redirectHost: null },
    };
    return { userCode, client: shown, resource, reference: await hold(deps, held) };
  }
  const durations = durationChoices(deps.config.lifetimes.familySeconds, resource.maxFamilySeconds);
  const form = await sealDeviceForm(deps, sessionToken, {
    digest: viewed.digest,
    clientFingerprint: client.fingerprint,
    scopes,
    durations,
    clientId: client.id,
    resourceId: resource.id,
    needs: needsByScope(
      resource.scopes,
      scopes,
      providers.map(({ slug }) => slug),
    ),
  });
  return {
    userCode,
    client: shown,
    resource,
    scopes: resource.scopes.filter((scope) => scopes.includes(scope.name)),
    durations,
    accounts: describeNeeds(resource.scopes, scopes, providers),
    previous,
    form,
  };
}

const noAccess = (server: string, owners: readonly string[]) =>
  new OAuthError("access_denied", `You may not use ${server} yet. ${askForAccess(owners)}`, {
    status: 403,
    reason: "access_removed",
  });

/** Whom to ask, in a sentence. */
const askForAccess = (owners: readonly string[]) =>
  owners.length === 0 ? "Ask its owner for access." : `Ask ${owners.join(" or ")} for access.`;

/**
 * Updates a client with a metadata document on the way: the person is signed in, and has to see the client as it is.
 */
async function bindToSession(deps: Deps, session: Session, userCode: string): Promise<ViewedDeviceCode | null> {
  const hashes = await Promise.all(deps.keys.all.map((key) => hashUserCode(key, userCode)));
  const key = { digest: session.digest, idleSeconds: deps.config.lifetimes.sessionIdleSeconds };
  const bind = () => updateDeviceCodeViewer(deps.db, hashes, key, DEVICE_CODE_GRANT, deps.now());
  const viewed = await bind();
  if (viewed?.client.registration !== "metadata_document" || viewed.decision === "refuse") return viewed;
  const changed = await refreshDocumentClient(deps, viewed.client.id, viewed.client.document);
  return changed ? bind() : viewed;
}

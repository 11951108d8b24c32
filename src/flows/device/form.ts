import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import * as z from "../../lib/schema.ts";
import { needsOfScopes } from "../authorize/consent-form.ts";

/** The exact request that the confirmation page shows, sealed and bound to the session like a consent form. */
const schema = z.object({
  digest: z.string(),
  clientFingerprint: z.string(),
  scopes: z.array(z.string()),
  durations: z.array(z.number()),
  clientId: z.string(),
  resourceId: z.string(),
  needs: needsOfScopes,
});

type DeviceForm = z.output<typeof schema>;

const use = (sessionToken: string) => ({ purpose: "device form", context: sessionToken });

export const sealDeviceForm = ({ keys }: Deps, sessionToken: string, form: DeviceForm): Promise<string> =>
  sealEnvelope(keys, use(sessionToken), form);

/**
 * The request that a form carries. Null if it is another session's or not ours. It needs no age limit, since its code
 * expires.
 */
export async function openDeviceForm({ keys }: Deps, sessionToken: string, sealed: string): Promise<DeviceForm | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, use(sessionToken), sealed));
  return parsed.success ? parsed.data : null;
}

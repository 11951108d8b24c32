import type { Deps } from "../../deps.ts";
import { type Digest, sha256 } from "../../lib/hash.ts";
import { type ClientMetadata, fingerprintText, type MetadataPolicy } from "../../oauth/client-metadata.ts";
import type { ClientRecord } from "../../store/clients.ts";

/** The parts of this deployment's configuration that decide about metadata. */
export const metadataPolicy = ({ config }: Pick<Deps, "config">): MetadataPolicy => ({
  privateUseSchemes: config.privateUseSchemes,
  ownHost: new URL(config.issuer).hostname,
  byOwner: false,
});

/** Whether a client with this metadata authenticates with a secret. */
export const needsSecret = ({ authenticationMethods }: ClientMetadata): boolean =>
  authenticationMethods.some((method) => method.startsWith("client_secret_"));

/** Metadata in the form in which it is stored. */
export const toClientRecord = async (metadata: ClientMetadata, secretDigest: Digest | null): Promise<ClientRecord> => ({
  ...metadata,
  secretDigest,
  fingerprint: await sha256(fingerprintText(metadata)),
});

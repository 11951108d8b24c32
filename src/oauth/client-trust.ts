/** How far it is proven who a client is; the consent page says it. */
export type ClientTrust =
  /** The owner looked at it, and nothing has changed that decides where its tokens can go. */
  | { readonly level: "approved" }
  /** Its metadata comes from this host. */
  | { readonly level: "document"; readonly host: string }
  /** It said so itself. */
  | { readonly level: "self_asserted" };

export function clientTrust(client: {
  readonly id: string;
  readonly registration: "preregistered" | "dynamic" | "metadata_document";
  readonly approved: boolean;
}): ClientTrust {
  if (client.approved) return { level: "approved" };
  if (client.registration === "metadata_document") return { level: "document", host: new URL(client.id).host };
  return { level: "self_asserted" };
}

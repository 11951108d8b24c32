/** How well the client's identity is proven. The consent page says so. */
export type ClientTrust =
  /** The owner approved it, and nothing that decides where its tokens can go has changed since. */
  | { readonly level: "approved" }
  /** Its metadata comes from this host. */
  | { readonly level: "document"; readonly host: string }
  /** Only the client itself says who it is. */
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

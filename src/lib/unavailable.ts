/** A service behind the Worker couldn't be asked, or didn't answer in time. It may still have done its work. */
export type Unavailable = Error & {
  readonly name: "Unavailable";
  readonly service: "client_keys" | "database" | "issuer_keys" | "redis" | "vault";
  /** What is wrong, for the log. Never anything secret. */
  readonly detail: string | null;
};

/**
 * The error doesn't keep its cause, because drivers put connection strings, statements and parameters in their
 * messages.
 */
export const unavailable = (service: Unavailable["service"], detail: string | null = null): Unavailable =>
  Object.assign(new Error(`${service} is unavailable`), { name: "Unavailable", service, detail } as const);

export const isUnavailable = (error: unknown): error is Unavailable =>
  error instanceof Error && error.name === "Unavailable";

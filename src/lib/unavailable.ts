/** A service behind the Worker could not be asked, or did not answer in time. It may or may not have done its work. */
export type Unavailable = Error & {
  readonly name: "Unavailable";
  readonly service: "client_keys" | "database" | "redis" | "vault";
  /** What is wrong there, for the log; never anything secret. */
  readonly detail: string | null;
};

/** The cause is kept off the error: drivers put connection strings, statements and parameters in their messages. */
export const unavailable = (service: Unavailable["service"], detail: string | null = null): Unavailable =>
  Object.assign(new Error(`${service} is unavailable`), { name: "Unavailable", service, detail } as const);

export const isUnavailable = (error: unknown): error is Unavailable =>
  error instanceof Error && error.name === "Unavailable";

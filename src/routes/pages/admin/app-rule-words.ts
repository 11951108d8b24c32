/** Whom a rule about apps names, in words. */
export function describeApps(kind: unknown, pattern: unknown): string {
  const named = String(pattern);
  if (kind === "registered") return "apps that register themselves";
  if (kind === "document") return named === "*" ? "apps with a metadata document" : `apps published by ${named}`;
  if (named === "*") return "apps that send people to websites";
  if (named === "*:") return "apps that send people to another app on their device";
  return `apps that send people to ${named === "loopback" ? "a program on their own computer" : named}`;
}

export const DECISIONS: Readonly<Record<string, string>> = {
  welcome: "Let in",
  ask: "Ask me first",
  refuse: "Keep out",
};

/** A rule as the audit log keeps it. */
export const describeAppRule = (rule: Readonly<Record<string, unknown>> | null): string =>
  `${describeApps(rule?.["kind"], rule?.["pattern"])}: ${(DECISIONS[String(rule?.["decision"])] ?? "").toLowerCase()}`;

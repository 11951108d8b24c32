import type { Command } from "commander";

/** Examples for the help of each command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  user: ["user invite guest@example.com", "user list --search example.com", "user export ada@example.com > ada.json"],
  owner: ["owner list", "owner invite ada@example.com --issuer https://auth.example.com"],
  resource: [
    "resource add https://weather.example.com/mcp --name Weather --scope 'weather:read=Look up the weather'",
    "resource apply ../weather/gatehouse.resource.json",
    "resource rotate https://weather.example.com/mcp",
  ],
  group: ["group add Forecasters", "group join Forecasters ada@example.com"],
  provider: ["provider add github --client-id Iv1.0123 --at https://auth.example.com", "provider check github"],
  connection: ["connection list --user ada@example.com", "connection revoke 3f2a6c1e-8a57-4a6e-9a55-3c1f5f0d2b11"],
  client: [
    "client list --search claude",
    "client create 'Nightly job' --machine --resource https://weather.example.com/mcp --scope weather:read",
    "client delete client_0123",
  ],
  app: ["app policy registered ask", "app policy document welcome claude.ai", "app approve client_0123"],
  issuer: ["issuer add acme --issuer https://acme.okta.com --join domain:acme.com", "issuer check acme"],
  workload: [
    "workload add Deployment --issuer github-actions --resource https://weather.example.com/mcp --scope weather:read --claim repository=acme/site",
  ],
  "initial-access-token": ["initial-access-token create --label 'Our apps' --uses 10 --days 30"],
  vault: ["vault status", "vault rewrap"],
  keys: ["keys rotate", "keys rotate --env staging"],
  revoke: ["revoke --user ada@example.com", "revoke --all"],
  refusals: ["refusals --reference k3J9_xQ2", "refusals --client client_0123 --days 14"],
  audit: ["audit --days 7 --env production", "audit --event refresh_token_reused --json"],
  "open-login": ["open-login --resource https://weather.example.com/mcp"],
  doctor: [
    "doctor https://weather.example.com/mcp",
    "doctor https://auth.example.com --json",
    "doctor https://weather.example.com/mcp --client-id client_0123 --email ada@example.com",
  ],
};

/** Puts the examples below the help of each command, and the exit codes below the main help. */
export function addExamples(program: Command): void {
  for (const command of program.commands) {
    const lines = EXAMPLES[command.name()];
    if (lines)
      command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  npm run cli -- ${line}`).join("\n")}`);
  }
  program.addHelpText(
    "after",
    "\nThe exit code is 0 on success and 1 on failure, with the reason on standard error. See .docs/cli.md.",
  );
}

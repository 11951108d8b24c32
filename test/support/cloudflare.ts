import { projectFile, startWorkers } from "../../src/dev/workerd.ts";
import { createWranglerDouble, type WranglerCall } from "./wrangler-double.ts";

/** Cloudflare, as far as a deployment sees it: it stores secrets and runs what is deployed at a port. */
export async function createCloudflare(port: number) {
  const account = {
    loggedIn: true,
    secrets: null as Record<string, string> | null,
    worker: null as Awaited<ReturnType<typeof startWorkers>> | null,
  };
  const wrangler = await createWranglerDouble(async ({ args, stdin }: WranglerCall) => {
    switch (args.slice(0, 2).join(" ").replace(/ --.*/, "")) {
      case "whoami":
        return { stdout: JSON.stringify({ loggedIn: account.loggedIn }) };
      case "secret list":
        return account.secrets
          ? { stdout: JSON.stringify(Object.keys(account.secrets).map((name) => ({ name, type: "secret_text" }))) }
          : { code: 1, stderr: 'Worker "gatehouse" not found.' };
      case "secret bulk":
        account.secrets = { ...account.secrets, ...JSON.parse(stdin) };
        return {};
      case "deploy":
        await deploy(args);
        return { stdout: "Deployed gatehouse triggers\n  https://gatehouse.me.workers.dev\n" };
      default:
        return { code: 1, stderr: `nobody expected ${args.join(" ")}` };
    }
  });

  async function deploy(args: readonly string[]): Promise<void> {
    const pairs = args
      .filter((_, index) => args[index - 1] === "--var")
      .map((pair) => pair.split(/:(.*)/s).slice(0, 2));
    await account.worker?.stop();
    account.worker = await startWorkers(
      [
        {
          name: "gatehouse",
          configPath: projectFile("wrangler.toml"),
          port,
          bindings: { ...account.secrets, ...Object.fromEntries(pairs) },
          outbound: async () => null,
        },
      ],
      () => {},
    );
  }
  const stop = async () => {
    await account.worker?.stop();
    await wrangler.stop();
  };
  return { account, wrangler, stop };
}

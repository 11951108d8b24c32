import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { vi } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";

export type WranglerCall = { readonly args: readonly string[]; readonly stdin: string };
type WranglerAnswer = { readonly code?: number; readonly stdout?: string; readonly stderr?: string };
type CommandRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * A `wrangler` on the PATH that records its arguments. It is the only double in the tests, since no account can be
 * reached. `wrangler-calls.test.ts` shows the real one the same arguments.
 */
export async function createWranglerDouble(answer: (call: WranglerCall) => WranglerAnswer | Promise<WranglerAnswer>) {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-wrangler-"));
  const port = await findFreePort();
  const calls: WranglerCall[] = [];
  const server = createServer(async (request, response) => {
    const call = JSON.parse(await text(request)) as WranglerCall;
    calls.push(call);
    response.end(JSON.stringify(await answer(call)));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const program = `#!${process.execPath}
    const { text } = await import("node:stream/consumers");
    const body = JSON.stringify({ args: process.argv.slice(2), stdin: await text(process.stdin) });
    const answer = await (await fetch("http://127.0.0.1:${port}", { method: "POST", body })).json();
    process.stdout.write(answer.stdout ?? "");
    process.stderr.write(answer.stderr ?? "");
    process.exitCode = answer.code ?? 0;`;
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "wrangler"), program);
  await chmod(join(folder, "wrangler"), 0o755);
  return {
    /** The HOME of what runs, so that nothing is stored among the files of whoever runs the tests. */
    folder,
    calls,
    /** The environment of a program that finds it. */
    env: { HOME: folder, PATH: `${folder}:${process.env["PATH"]}` },
    /** Runs a command in this process, since starting another for each takes seconds. */
    run: async (command: () => Promise<void>, env: Readonly<Record<string, string>> = {}): Promise<CommandRun> => {
      const said = { stdout: "", stderr: "" };
      const keep = (stream: keyof typeof said) => (line: string) => {
        said[stream] += `${line}\n`;
      };
      vi.spyOn(console, "log").mockImplementation(keep("stdout"));
      vi.spyOn(console, "error").mockImplementation(keep("stderr"));
      const variables = { HOME: folder, PATH: `${folder}:${process.env["PATH"]}`, ...env };
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      try {
        await command();
        return { code: 0, ...said };
      } catch (error) {
        return { code: 1, ...said, stderr: `${said.stderr}${(error as Error).message}` };
      } finally {
        vi.unstubAllEnvs();
        vi.restoreAllMocks();
      }
    },
    stop: async () => {
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

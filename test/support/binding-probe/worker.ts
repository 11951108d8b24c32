import { env } from "cloudflare:workers";

type Probe = { readonly GATEHOUSE: Readonly<Record<string, (input: unknown) => Promise<unknown>>> };

/** Calls Gatehouse over a service binding with what a test posts: `{"method":"introspect","input":…}`. */
export default {
  async fetch(request) {
    const { method, input } = await request.json<{ method: string; input: unknown }>();
    try {
      return Response.json({ returned: await (env as Probe).GATEHOUSE[method]?.(input) });
    } catch (error) {
      return Response.json({ thrown: String(error) });
    }
  },
} satisfies ExportedHandler;

import { CHATGPT, DOCUMENTED } from "../known-clients.ts";

/** Answers a request for a metadata document with the one that the client was seen to have. All other requests fail. */
export async function fetchDocument(request: string | URL | { readonly url: string }): Promise<Response> {
  const url = typeof request === "object" && "url" in request ? request.url : String(request);
  const document = [...DOCUMENTED.map(({ metadata }) => metadata), CHATGPT].find(
    (metadata) => metadata["client_id"] === url,
  );
  return document ? Response.json(document) : new Response(null, { status: 404 });
}

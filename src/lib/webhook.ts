import { findUrlProblem } from "./public-url.ts";

/** A secret as the specification of Standard Webhooks writes it: 24 to 64 bytes in base64. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

export const isWebhookSecret = (text: string): boolean => {
  const bytes = SECRET.test(text) ? decode(text) : null;
  return bytes !== null && bytes.length >= 24 && bytes.length <= 64;
};

function decode(secret: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(secret.slice("whsec_".length)), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The headers that let a receiver tell that a message is ours and is new (Standard Webhooks 1.0, HMAC-SHA256). The id is the same at another try. */
export async function webhookHeaders(
  secret: string,
  id: string,
  now: Date,
  body: string,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const bytes = decode(secret);
  if (!bytes) throw new Error("the secret of a webhook is read by the configuration");
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...new Uint8Array(signed)))}`,
  };
}

/**
 * Says what is wrong with the variables of the owner's webhook, or null. `ownHost` is null in development, where the
 * webhook may be on this machine.
 */
export function findWebhookProblem(
  url: string | undefined,
  secret: string | undefined,
  ownHost: string | null,
): string | null {
  if (!url !== !secret) return "WEBHOOK_URL and WEBHOOK_SECRET need each other";
  const problem = url === undefined || ownHost === null ? null : findUrlProblem(url, ownHost);
  return problem && `WEBHOOK_URL ${problem}`;
}

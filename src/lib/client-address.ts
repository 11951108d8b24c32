import { isIPv6 } from "node:net";

/**
 * The key by which requests from an address are rate limited: an IPv4 address itself, but the /64 of an IPv6 address,
 * since one household or server owns that whole range.
 */
export function rateLimitKey(address: string): string {
  if (!isIPv6(address)) return address;
  // An address that embeds IPv4 (::ffff:192.0.2.1) counts as that IPv4 address.
  const embedded = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (embedded?.[1]) return embedded[1];
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}

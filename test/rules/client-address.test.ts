import { expect, test } from "vitest";
import { rateLimitKey } from "../../src/lib/client-address.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::", "fe80:0:0:0::/64"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
])("P1: requests from %s are counted as %s", (address, key) => expect(rateLimitKey(address)).toBe(key));

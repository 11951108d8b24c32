import { expect, test } from "vitest";
import { canonicalResource, requestedResource } from "../../src/oauth/resource.ts";

test("RFC 8707 §2: URIs are compared after parsing, and one trailing slash is ignored", () => {
  expect(canonicalResource("https://mcp.example")).toBe("https://mcp.example");
  expect(canonicalResource("https://mcp.example/")).toBe("https://mcp.example");
  expect(canonicalResource("HTTPS://MCP.example:443/mcp/")).toBe("https://mcp.example/mcp");
  expect(canonicalResource("https://mcp.example/a/../mcp")).toBe("https://mcp.example/mcp");
  expect(canonicalResource("https://mcp.example/mcp//")).toBe("https://mcp.example/mcp/");
});

test.each([
  "",
  "mcp.example",
  "/mcp",
  "ftp://mcp.example",
  "https://mcp.example/#x",
  "https://mcp.example/#",
  "https://u@mcp.example/",
])("RFC 8707 §2: %j identifies no resource", (uri) => expect(canonicalResource(uri)).toBeNull());

test("A5: equal resources count as one, and distinct ones are invalid_target", () => {
  expect(requestedResource([])).toBeNull();
  expect(requestedResource(["https://a.example", "https://a.example/"])).toBe("https://a.example");
  expect(() => requestedResource(["https://a.example", "https://b.example"])).toThrow("one resource");
  expect(() => requestedResource(["nonsense"])).toThrow("absolute");
});
